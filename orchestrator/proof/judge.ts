import type { Dependence, NatConfig, Protocol } from '#orchestrator/net/nat.ts'
import type { RouterPlan } from '#orchestrator/plan/plan-type.ts'
import type { Endpoint } from '../probe/probe-agent.ts'
import type { NatProof } from './nat-proof.ts'

/** What a probe shows where the router is what its configuration says. */
export interface ExpectedBehaviour {
  mapping: Dependence
  filtering: Dependence
  /** Null: either is right, as no probe can tell. */
  hairpin: boolean | null
  portPreservation: boolean
}

/** What the agents saw of one router for one protocol. */
export interface Measurement {
  /** From one local port: how each reflector saw it, by address (outer) and port (inner). Null: no answer. */
  seenAs: (Endpoint | null)[][]
  localPort: number
  /**
   * At a port that has spoken to one reflector's one port: whether a hello came in from another port of that reflector,
   * and from another reflector. Null: not tried, for want of an outside endpoint.
   */
  fromSameAddress: boolean | null
  fromOtherAddress: boolean | null
  /** Whether an inside port was reached at its outside endpoint from inside. Null: not tried. */
  hairpinned: boolean | null
  /** Ports that are open, or shut, to whoever comes unasked. */
  gates: { port: number; open: boolean; arrived: boolean }[]
}

/** Derives from a configuration what a probe will see of it. */
export function expectBehaviour(nat: NatConfig, protocol: Protocol): ExpectedBehaviour {
  return {
    mapping: nat.mapping,
    filtering: expectFiltering(nat, protocol),
    hairpin: expectHairpin(nat, protocol),
    // A second mapping of one inside port cannot have the same outside port again.
    portPreservation: nat.ports === 'preserve' && nat.mapping === 'EI',
  }
}

/** 1:1 translation itself lets everything in; its security group lets in allowed ports, and answers elsewhere. */
function expectFiltering(nat: NatConfig, protocol: Protocol): Dependence {
  if (nat.oneToOne.length === 0) return nat.filtering
  return nat.allow.some((rule) => rule.protocol === protocol) ? 'EI' : 'APD'
}

/**
 * Where each destination has a mapping of its own, and the filter wants that very mapping to have spoken first, nobody
 * inside can be reached at its outside endpoint, whether the router hairpins or not.
 */
function expectHairpin(nat: NatConfig, protocol: Protocol): boolean | null {
  const isForwarded = nat.forwards.some((forward) => forward.protocol === protocol)
  const isReachable = nat.mapping === 'EI' || nat.filtering === 'EI' || isForwarded
  return isReachable ? nat.hairpin : null
}

/** Turns what was seen into RFC 4787's words, and holds it against what the router should be. */
export function judgeRouter(
  router: RouterPlan,
  protocol: Protocol,
  measurement: Measurement,
): NatProof {
  const expected = expectBehaviour(router.nat, protocol)
  const measured = {
    mapping: classifyMapping(measurement.seenAs),
    filtering: classifyFiltering(measurement),
    hairpin: measurement.hairpinned,
    portPreservation: classifyPorts(measurement),
  }
  const differences = [
    ...(['mapping', 'filtering', 'hairpin', 'portPreservation'] as const).flatMap((part) => {
      const wanted = expected[part]
      if (wanted === null || measured[part] === wanted) return []
      return [describe(part, wanted, measured[part])]
    }),
    ...measurement.gates
      .filter((gate) => gate.arrived !== gate.open)
      .map((gate) =>
        gate.open
          ? `${protocol} port ${gate.port}: expected to be open, nothing came in`
          : `${protocol} port ${gate.port}: expected to be shut, a stranger came in`,
      ),
  ]
  return {
    router: router.name,
    preset: router.preset,
    protocol,
    ...measured,
    holds: differences.length === 0,
    differences,
  }
}

const LABELS = {
  mapping: 'mapping',
  filtering: 'filtering',
  hairpin: 'hairpinning',
  portPreservation: 'port preservation',
}

function describe(
  part: keyof ExpectedBehaviour,
  expected: Dependence | boolean,
  measured: Dependence | boolean | null,
): string {
  const seen = measured === null ? 'it could not be measured' : `measured ${word(measured)}`
  return `${LABELS[part]}: expected ${word(expected)}, ${seen}`
}

function word(value: Dependence | boolean): string {
  if (typeof value === 'string') return value
  return value ? 'yes' : 'no'
}

function classifyMapping(seenAs: Measurement['seenAs']): Dependence | null {
  const all = seenAs.flat()
  if (all.length === 0 || all.includes(null)) return null
  if (countDistinct(all) === 1) return 'EI'
  return seenAs.every((ports) => countDistinct(ports) === 1) ? 'AD' : 'APD'
}

function countDistinct(seen: (Endpoint | null)[]): number {
  return new Set(seen.map((each) => `${each?.address}:${each?.port}`)).size
}

function classifyFiltering(measurement: Measurement): Dependence | null {
  const { fromSameAddress, fromOtherAddress } = measurement
  if (fromSameAddress === null || fromOtherAddress === null) return null
  // Letting in strangers while keeping out a known address is no filtering that has a name.
  if (fromOtherAddress) return fromSameAddress ? 'EI' : null
  return fromSameAddress ? 'AD' : 'APD'
}

function classifyPorts({ seenAs, localPort }: Measurement): boolean | null {
  const all = seenAs.flat()
  if (all.length === 0 || all.includes(null)) return null
  return all.every((each) => each?.port === localPort)
}

import type { NatSpec } from '#orchestrator/net/nat-spec.ts'
import type { PortPolicy } from '#orchestrator/net/nat.ts'
import type { Plan } from '#orchestrator/plan/plan-type.ts'
import { forwardsOf, presetPlan } from './preset-plan.ts'

/** Every behaviour that a router of a preset has; the carrier's of `cgnat` by itself. */
const BEHAVIOURS: ((siteNumber: number, octet?: number) => NatSpec)[] = [
  () => ({ preset: 'one-to-one' }),
  (siteNumber, octet) => ({ preset: 'port-forward', forwards: forwardsOf(siteNumber, octet) }),
  () => ({ preset: 'full-cone' }),
  () => ({ preset: 'address-restricted' }),
  () => ({ preset: 'port-restricted' }),
  () => ({ preset: 'symmetric' }),
  () => ({ preset: 'port-restricted', ports: 'random' }),
]

/** Rounds that bring each behaviour to each site; round 0 is `BEHAVIOURS` in their order. */
export const ROUNDS = BEHAVIOURS.length

/** One site for each behaviour. In each round every site has another, at the same addresses. */
export function roundPlan(round: number, octet?: number): Plan {
  return presetPlan(
    Object.fromEntries(
      BEHAVIOURS.map((_, index) => [
        `s${index + 1}`,
        BEHAVIOURS[(index + round) % ROUNDS]?.(index + 1, octet) as NatSpec,
      ]),
    ),
    octet,
  )
}

/** Every preset in a site of its own, `cgnat` with both of its routers. */
export function everyPresetPlan(octet?: number): Plan {
  return presetPlan(
    {
      cloud: { preset: 'one-to-one' },
      forward: { preset: 'port-forward', forwards: forwardsOf(2, octet) },
      full: { preset: 'full-cone' },
      address: { preset: 'address-restricted' },
      port: { preset: 'port-restricted' },
      symmetric: { preset: 'symmetric' },
      mobile: { preset: 'cgnat' },
    },
    octet,
  )
}

/** Combinations that no preset has, each in a site of its own. */
export function overridesPlan(): Plan {
  return presetPlan({
    cloud: { preset: 'one-to-one', allow: [] },
    udpcloud: { preset: 'one-to-one', allow: [{ protocol: 'udp', port: 3000 }] },
    full: { preset: 'full-cone', hairpin: true, ports: 'random' },
    address: { preset: 'address-restricted', hairpin: true },
    port: { preset: 'port-restricted', hairpin: true },
    random: { preset: 'port-restricted', hairpin: true, ports: 'random' },
    admap: { preset: 'address-restricted', mapping: 'AD' },
    apdmap: { preset: 'symmetric', ports: 'preserve', filtering: 'EI', hairpin: true },
    forward: { preset: 'port-forward', filtering: 'AD', mapping: 'APD', forwards: forwardsOf(9) },
    twice: {
      preset: 'port-forward',
      forwards: forwardsOf(10).flatMap((forward) => [forward, { ...forward, port: 4001 }]),
    },
  })
}

const DEPENDENCES = ['EI', 'AD', 'APD'] as const

/** Every pair of mapping and filtering in a site of its own, all with these ports and this hairpinning. */
export function gridPlan(ports: PortPolicy, hairpin: boolean): Plan {
  return presetPlan(
    Object.fromEntries(
      DEPENDENCES.flatMap((mapping) =>
        DEPENDENCES.map((filtering) => [
          `m${mapping}f${filtering}`.toLowerCase(),
          { preset: 'port-restricted', mapping, filtering, ports, hairpin } as const,
        ]),
      ),
    ),
  )
}

/** The arguments of every grid. */
export const GRIDS = [
  ['preserve', false],
  ['preserve', true],
  ['random', false],
  ['random', true],
] as const satisfies [PortPolicy, boolean][]

import type { AbortOptions } from '#node/base/abort-options.ts'
import { eitherSignal } from '#node/time/deadline.ts'
import type { Forward, Protocol } from '#orchestrator/net/nat.ts'
import type { RouterPlan } from '#orchestrator/plan/plan-type.ts'
import type { Endpoint, ProbeAgent } from '../probe/probe-agent.ts'
import { type Measurement, expectBehaviour } from './judge.ts'
import type { ProbePorts } from './probe-ports.ts'

/** What should not come is awaited at least this many times as long as what came took. */
const ANSWERS_OF_SILENCE = 4

/** An agent and the address at which it stands. */
export interface PlacedAgent {
  agent: ProbeAgent
  address: string
}

export interface MeasureOptions extends AbortOptions {
  /** How long something is awaited that should come. */
  presenceMs: number
  /** How long something is awaited that should not come; longer, up to `presenceMs`, where answers are slow. */
  absenceMs: number
  /**
   * Called once this router's ports are open; resolves when those of every router are. A port that a carrier forwards to a home's
   * router leads through both, to a listener that the home's measurement opens.
   */
  whenAllOpen: () => Promise<void>
  /** Whether a port is forwarded to a router that leads it no further: nothing arrives by it. */
  isDeadEnd: (forward: Forward) => boolean
}

/** One router, one protocol, and the agents on both of its sides. */
interface Bench {
  router: RouterPlan
  protocol: Protocol
  inside: ProbeAgent
  known: PlacedAgent
  stranger: PlacedAgent
  ports: ProbePorts
  options: MeasureOptions
}

/**
 * Measures one router for one protocol: everything at once, but that a mapping is known before it is knocked at.
 *
 * The configuration only says which ports to look at and how patient to be; what is returned is what was seen.
 */
export async function measureRouter(
  router: RouterPlan,
  protocol: Protocol,
  inside: ProbeAgent,
  [known, stranger]: [PlacedAgent, PlacedAgent],
  ports: ProbePorts,
  options: MeasureOptions,
): Promise<Measurement> {
  const opening: Bench = { router, protocol, inside, known, stranger, ports, options }
  const expected = expectBehaviour(router.nat, protocol)
  const openedAt = performance.now()
  const opened = await openPorts(opening)
  const bench = { ...opening, options: patient(options, performance.now() - openedAt) }
  const { target } = opened
  await options.whenAllOpen()
  const [fromSameAddress, fromOtherAddress, hairpinned, gates] = await Promise.all([
    target &&
      reflectorKnocks(bench, known, ports.reflectors[1], target, expected.filtering !== 'APD'),
    target &&
      reflectorKnocks(bench, stranger, ports.reflectors[0], target, expected.filtering === 'EI'),
    tryHairpin(bench, opened, expected.hairpin === true),
    tryGates(bench, opened),
  ])
  return {
    seenAs: [opened.seen.slice(0, 2), opened.seen.slice(2)],
    localPort: ports.mapping,
    fromSameAddress,
    fromOtherAddress,
    hairpinned,
    gates,
  }
}

/** On a machine that is busy, what comes takes longer too: silence is silence when several such times have passed. */
function patient(options: MeasureOptions, answersTookMs: number): MeasureOptions {
  const absenceMs = Math.max(options.absenceMs, ANSWERS_OF_SILENCE * answersTookMs)
  return { ...options, absenceMs: Math.min(absenceMs, options.presenceMs) }
}

/** The outside endpoints of the inside agent's ports; null where no answer came. */
interface OpenedPorts {
  /** Of the mapping port, for each reflector and each of its ports. */
  seen: (Endpoint | null)[]
  target: Endpoint | null
  hairpins: [Endpoint | null, Endpoint | null]
  /** Of a port that the security group does not list. */
  shut: Endpoint | null
}

async function openPorts({
  router,
  protocol,
  inside,
  known,
  stranger,
  ports,
  options,
}: Bench): Promise<OpenedPorts> {
  const open = (localPort: number, to: Endpoint[], listen: boolean): Promise<(Endpoint | null)[]> =>
    inside.open(
      { protocol, localPort, to, listen, timeoutMs: options.presenceMs },
      { signal: options.signal },
    )
  const first: Endpoint = { address: known.address, port: ports.reflectors[0] }
  const everywhere = [known, stranger].flatMap(({ address }) =>
    ports.reflectors.map((port) => ({ address, port })),
  )
  const allowed = allowedPorts(router, protocol)
  const forwardedTo = new Set(forwardsOf(router, protocol).map((forward) => forward.toPort))
  const [seen, [target = null], [left = null], [right = null], [shut = null]] = await Promise.all([
    open(ports.mapping, everywhere, true),
    open(allowed[0] ?? ports.filtering, [first], true),
    open(ports.hairpin[0], [first], false),
    open(ports.hairpin[1], [first], false),
    allowed.length === 0 ? [] : open(ports.shut, [first], true),
    ...[...forwardedTo].map((port) => open(port, [], true)),
  ])
  return { seen, target, hairpins: [left, right], shut }
}

async function tryHairpin(
  bench: Bench,
  { target, hairpins: [left, right] }: OpenedPorts,
  isExpected: boolean,
): Promise<boolean | null> {
  if (target === null || left === null || right === null) return null
  const done = new AbortController()
  const signal = eitherSignal(bench.options.signal, done.signal)
  const knock = async (fromPort: number | null, to: Endpoint): Promise<boolean> => {
    try {
      const arrived = await knocks(bench, bench.inside, fromPort, to, isExpected, { signal })
      if (arrived) done.abort()
      return arrived
    } catch (error) {
      if (done.signal.aborted) return false
      throw error
    }
  }
  const outside = bench.router.wan.address
  const arrivals = await Promise.all([
    knock(null, target),
    // Each towards the other: a filter hears neither before both have spoken.
    knock(bench.ports.hairpin[0], right),
    knock(bench.ports.hairpin[1], left),
    ...forwardsOf(bench.router, bench.protocol).map((forward) =>
      knock(null, { address: outside, port: forward.port }),
    ),
  ])
  return arrivals.includes(true)
}

function tryGates(bench: Bench, { shut }: OpenedPorts): Promise<Measurement['gates']> {
  const gates = forwardsOf(bench.router, bench.protocol).map((forward) => ({
    at: { address: bench.router.wan.address, port: forward.port },
    open: !bench.options.isDeadEnd(forward),
  }))
  if (shut !== null) gates.push({ at: shut, open: false })
  return Promise.all(
    gates.map(async ({ at, open }) => ({
      port: at.port,
      open,
      arrived: await reflectorKnocks(bench, bench.stranger, bench.ports.reflectors[0], at, open),
    })),
  )
}

function reflectorKnocks(
  bench: Bench,
  { agent }: PlacedAgent,
  port: number,
  to: Endpoint,
  isExpected: boolean,
): Promise<boolean> {
  // TCP cannot be dialled from a port that is listened on; any other will do.
  return knocks(bench, agent, bench.protocol === 'udp' ? port : null, to, isExpected)
}

async function knocks(
  { protocol, options }: Bench,
  agent: ProbeAgent,
  fromPort: number | null,
  to: Endpoint,
  isExpected: boolean,
  call: AbortOptions = { signal: options.signal },
): Promise<boolean> {
  const timeoutMs = isExpected ? options.presenceMs : options.absenceMs
  return (await agent.knock({ protocol, fromPort, to, timeoutMs }, call)) !== null
}

/** The ports of one protocol that a security group lists. */
function allowedPorts({ nat }: RouterPlan, protocol: Protocol): number[] {
  if (nat.oneToOne.length === 0) return []
  return nat.allow.filter((rule) => rule.protocol === protocol).map((rule) => rule.port)
}

/** Forwards to the host at which the inside agent stands: the first one's. */
function forwardsOf({ nat }: RouterPlan, protocol: Protocol): Forward[] {
  return nat.forwards.filter(
    (forward) => forward.protocol === protocol && forward.to === nat.forwards[0]?.to,
  )
}

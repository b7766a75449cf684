import type { AbortOptions } from '#node/base/abort-options.ts'
import { KadlabError } from '#node/base/errors.ts'
import type { AgentPlace, Lab } from '#orchestrator/fabric/fabric.ts'
import type { Forward, Protocol } from '#orchestrator/net/nat.ts'
import type { Plan, RouterPlan } from '#orchestrator/plan/plan-type.ts'
import { networkNamed } from '#orchestrator/plan/router-addresses.ts'
import type { ProbeAgent } from '../probe/probe-agent.ts'
import { judgeRouter } from './judge.ts'
import { measureRouter } from './measure.ts'
import type { NatProof } from './nat-proof.ts'
import { chooseProbePorts } from './probe-ports.ts'
import { type RouterProbe, planProof } from './proof-plan.ts'

/** A router is not what its preset says: whatever nodes do behind it would prove nothing. */
export class NatProofError extends KadlabError {
  static override readonly name = 'NatProofError'
  /** Of every router, those that hold too. */
  readonly proofs: NatProof[]

  constructor(proofs: NatProof[]) {
    const differences = proofs.flatMap((proof) =>
      proof.differences.map(
        (difference) => `${proof.router} (${proof.preset}), ${proof.protocol}: ${difference}`,
      ),
    )
    super(
      `The NAT proof failed, so nothing was started behind these routers. ${differences.join('. ')}.`,
    )
    this.proofs = proofs
  }
}

export interface ProveOptions extends AbortOptions {
  /** Told of each proof, in the plan's order, also of those that do not hold. */
  onProof?: (proof: NatProof) => void
  /** How long what should arrive is awaited. Default 3000 ms, and what the links take. */
  presenceMs?: number
  /** How long what should not arrive is awaited, at least. Default 300 ms, and what the links take. */
  absenceMs?: number
}

/**
 * Measures every router of a lab before its nodes start, one entry for each router and protocol (RFC 4787 for UDP, RFC
 * 5382 for TCP). All routers, protocols and questions at once; all agents are gone when it returns.
 *
 * @throws NatProofError where a router is not what its configuration says
 */
export async function proveRouters(
  lab: Pick<Lab, 'startAgent'>,
  plan: Plan,
  options: ProveOptions = {},
): Promise<NatProof[]> {
  const { places, probes } = planProof(plan)
  const ports = chooseProbePorts(plan.routers)
  const call = { signal: options.signal }
  await using agents = new AgentGroup()
  await agents.startAll(places, (place) => lab.startAgent(place, call))
  const agentAt = (place: AgentPlace): ProbeAgent => agents.at(place)

  const reflectors = new Set(probes.flatMap((probe) => probe.reflectors.map(agentAt)))
  await Promise.all([...reflectors].map((agent) => agent.reflect(ports.reflectors, call)))

  const whenAllOpen = meeting(2 * probes.length)
  const prove = async (probe: RouterProbe, protocol: Protocol): Promise<NatProof> => {
    const [known, stranger] = probe.reflectors
    const links = linkMs(probe, plan)
    const observation = await measureRouter(
      probe.router,
      protocol,
      agentAt(probe.inside),
      [
        { agent: agentAt(known), address: known.address },
        { agent: agentAt(stranger), address: stranger.address },
      ],
      ports,
      {
        presenceMs: (options.presenceMs ?? 3000) + links,
        absenceMs: (options.absenceMs ?? 300) + links,
        whenAllOpen,
        isDeadEnd: (forward) => leadsNowhere(forward, protocol, plan.routers),
        ...call,
      },
    )
    return judgeRouter(probe.router, protocol, observation)
  }
  const proofs = await Promise.all(
    probes.flatMap((probe) => [prove(probe, 'tcp'), prove(probe, 'udp')]),
  )
  for (const proof of proofs) options.onProof?.(proof)
  if (proofs.some((proof) => !proof.holds)) throw new NatProofError(proofs)
  return proofs
}

/** Whether a forward of a carrier leads to the router of a home that forwards it to nobody. */
function leadsNowhere(
  { to, toPort }: Forward,
  protocol: Protocol,
  routers: readonly RouterPlan[],
): boolean {
  const next = routers.find(({ wan }) => wan.address === to)
  const leadsOn = (rule: Forward): boolean => rule.protocol === protocol && rule.port === toPort
  return next !== undefined && !next.nat.forwards.some(leadsOn)
}

/** A place where so many wait for each other. Where one fails on its way, nobody asks any more whether the others met. */
function meeting(count: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let missing = count
  return () => {
    missing -= 1
    if (missing === 0) resolve()
    return promise
  }
}

/** What the links alone may take: a connection and an answer, there and back, and a lost packet's second try. */
function linkMs({ router }: RouterProbe, plan: Plan): number {
  const links = [router.lan, router.wan].map(
    (side) => networkNamed(side.network, plan.networks).link,
  )
  const oneWayMs = links.reduce((sum, link) => sum + link.latencyMs + link.jitterMs, 0)
  return 4 * oneWayMs + (links.some((link) => link.loss > 0) ? 1200 : 0)
}

/** Agents that start together and end together. */
class AgentGroup implements AsyncDisposable {
  readonly #agents = new Map<string, ProbeAgent & AsyncDisposable>()

  /** Waits for every start, so that none is under way when what was started is disposed of. */
  async startAll(
    places: AgentPlace[],
    start: (place: AgentPlace) => Promise<ProbeAgent & AsyncDisposable>,
  ): Promise<void> {
    const outcomes = await Promise.allSettled(
      places.map(async (place) => this.#agents.set(place.name, await start(place))),
    )
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }

  at(place: AgentPlace): ProbeAgent {
    return this.#agents.get(place.name) as ProbeAgent
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const agents = [...this.#agents.values()]
    this.#agents.clear()
    const outcomes = await Promise.allSettled(agents.map((agent) => agent[Symbol.asyncDispose]()))
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }
}

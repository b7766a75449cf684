import { type Cause, CAUSES, type DialEvidence, type Evidence } from '#node/judgement/causes.ts'
import { CAUSE_OF_DIAL } from '#node/judgement/judge.ts'
import { mostTelling } from '#node/judgement/most-telling.ts'
import { hostPort, withoutPeerId } from '#node/judgement/multiaddr-facts.ts'
import type { Sighting } from '#node/judgement/sighting.ts'
import { factsOf, meantBy, trueDial, type World } from '../truth/dials.ts'
import type { Insight } from './insight.ts'

/**
 * A node's sighting of a peer, with what only the lab can know: who could not start, who has a twin, for whom a dial
 * without a peer id was meant, and which router drops what. What the node saw stays as it is.
 */
export function refine(sighting: Sighting, observer: string, insight: Insight): Sighting {
  const { world, unstarted } = insight
  const targets = world.nodes
    .map(({ name }) => name)
    .filter((name) => factsOf(world, name).peerId === sighting.peerId)
  const [target] = targets
  if (target === undefined) return sighting
  if (targets.length > 1) {
    return standing(sighting, 'SAME_IDENTITY', { ...sighting.evidence, sameIdentity: targets })
  }
  const error = unstarted.get(target)
  if (error !== undefined) return standing(sighting, 'CANNOT_START', { error })
  if (insight.isBlocked(observer, target)) return blocked(sighting)
  if (sighting.rung === 'unknown') return unconnected(sighting, observer, target, insight)
  if (sighting.rung === 'listed') return listed(sighting, observer, target, insight)
  return sighting
}

/** No setting of a node is to blame where the scenario itself lets nothing pass. */
function blocked(sighting: Sighting): Sighting {
  if (sighting.rung === 'unknown') return standing(sighting, 'PATH_BLOCKED', sighting.evidence)
  if (sighting.rung !== 'listed') return sighting
  return standing(sighting, 'ADDRESS_BLOCKED', sighting.evidence)
}

/** A peer of which the observer says nothing, because it has its identity. */
export function twinOf(peerId: string, observer: string, { world }: Insight): Sighting | null {
  const twins = world.nodes
    .map(({ name }) => name)
    .filter((name) => factsOf(world, name).peerId === peerId)
  if (twins.length < 2 || !twins.includes(observer)) return null
  const nothing = { connected: false, listed: false, dialable: false, announced: null }
  const empty = { peerId, rung: 'unknown', ...nothing, cause: null, remedy: null } as const
  return standing({ ...empty, evidence: null }, 'SAME_IDENTITY', { sameIdentity: twins })
}

function unconnected(
  sighting: Sighting,
  observer: string,
  target: string,
  insight: Insight,
): Sighting {
  const { world } = insight
  const own = sighting.evidence?.dials ?? []
  const meant = insight
    .failedDials(observer)
    .filter(({ wanted, dial: { address, kind } }) => {
      if (kind === 'own-address' || own.some((dial) => dial.address === address)) return false
      if (isOfAnother(wanted, address, { observer, target, world })) return false
      const { answeredBy } = trueDial(world, observer, address)
      return (answeredBy ?? meantBy(world, observer, address)) === target
    })
    .map(({ dial }) => dial)
  const dials = [...own, ...meant]
  const failure = mostTelling(dials)
  if (failure === null) return sighting
  const cause = causeOfDial(failure, observer, insight)
  return standing(sighting, cause, { ...sighting.evidence, dials })
}

/** A dial of what another node announces, or others say of it, which a person did not write down: it is that node's. */
function isOfAnother(
  wanted: string | null,
  address: string,
  { observer, target, world }: { observer: string; target: string; world: World },
): boolean {
  if (wanted === null || wanted === factsOf(world, target).peerId) return false
  const isNode = world.nodes.some(({ name }) => factsOf(world, name).peerId === wanted)
  const written = factsOf(world, observer).bootstrap.map(withoutPeerId)
  return isNode && !written.includes(address)
}

function causeOfDial(
  { kind = 'other', address }: DialEvidence,
  observer: string,
  insight: Insight,
): Cause {
  if (kind !== 'timed-out') return CAUSE_OF_DIAL[kind]
  const { why } = trueDial(insight.world, observer, address)
  return why === 'no-hairpin' ? 'NO_HAIRPIN' : 'DIAL_TIMED_OUT'
}

function listed(sighting: Sighting, observer: string, target: string, insight: Insight): Sighting {
  const failure = mostTelling(sighting.evidence?.dials ?? [])
  if (failure?.kind !== 'timed-out') return sighting
  const { why } = trueDial(insight.world, observer, failure.address)
  if (why === 'no-hairpin') return standing(sighting, 'ADDRESS_NO_HAIRPIN', sighting.evidence)
  const port = hostPort(failure.address)?.port
  const isListened = factsOf(insight.world, target).listening.some((each) => each.port === port)
  const cause = isListened || why === null ? 'ADDRESS_TIMED_OUT' : 'ADDRESS_WRONG_PORT'
  return standing(sighting, cause, sighting.evidence)
}

function standing(sighting: Sighting, cause: Cause, evidence: Evidence | null): Sighting {
  const { rung, remedy } = CAUSES[cause]
  const text = `${remedy[0]?.toUpperCase()}${remedy.slice(1)}.`
  const isSame = cause === sighting.cause && sighting.remedy !== null
  return {
    ...sighting,
    rung,
    cause,
    evidence: evidence ?? {},
    remedy: isSame ? sighting.remedy : { on: 'both', text },
  }
}

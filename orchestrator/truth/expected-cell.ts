import type { Cause } from '#node/judgement/causes.ts'
import { DIAL_ERROR_KINDS } from '#node/judgement/dial-error.ts'
import type { Rung } from '#node/judgement/ladder.ts'
import { hostPort, reachOf } from '#node/judgement/multiaddr-facts.ts'
import type { Plan, VariantPlan } from '../plan/plan-type.ts'
import { factsOf, type TrueDial, trueDial, type TrueKind, type World, worldOf } from './dials.ts'
import { type AnsweringTwin, keptBy, type Knowledge, knowledgeOf } from './knowledge.ts'

/** What is so of one pair once everything has settled. */
export interface TrueCell {
  readonly observer: string
  readonly target: string
  readonly rung: Rung
  /** The cause that must be named; null on the top rung. */
  readonly cause: Cause | null
  /** Addresses under which the observer holds the target that do not lead to it. */
  readonly dead: readonly string[]
  /** What is so instead where another of two nodes with one identity is the one that gets what is sent to that peer. */
  readonly orElse?: { readonly rung: Rung; readonly cause: Cause | null }
}

/**
 * What is so, for each pair of a variant's nodes: from the plan alone, by rules that share nothing with the code that
 * judges what nodes observe, nor with the simulated routers. Observers that cannot start have no cells.
 */
export function trueCells(
  plan: Pick<Plan, 'networks' | 'routers'>,
  variant: Pick<VariantPlan, 'nodes'>,
): TrueCell[] {
  return cellsOf(worldOf(plan, variant))
}

/** The same of a world that is put together already. */
export function cellsOf(world: World): TrueCell[] {
  const cells = cellsWhere(world, 'first')
  if (new Set([...world.facts.values()].map(({ peerId }) => peerId)).size === world.facts.size) {
    return cells
  }
  const others = cellsWhere(world, 'last')
  return cells.map((cell, index) => {
    const { rung, cause } = others[index] ?? cell
    return rung === cell.rung && cause === cell.cause ? cell : { ...cell, orElse: { rung, cause } }
  })
}

function cellsWhere(world: World, answering: AnsweringTwin): TrueCell[] {
  const known = knowledgeOf(world, answering)
  const names = world.nodes.map(({ name }) => name)
  return names
    .filter((observer) => factsOf(world, observer).starts)
    .flatMap((observer) =>
      names
        .filter((target) => target !== observer)
        .map((target) => ({ observer, target, ...standing(world, known, observer, target) })),
    )
}

/**
 * What is so for somebody who is given one address of a target and knows nothing else of it, as a doctor is: how a stranger
 * would hold it, by what it announces alone.
 */
export function strangerCell(
  world: World,
  observer: string,
  target: string,
  address: string,
): TrueCell {
  const own = factsOf(world, observer)
  const there = factsOf(world, target)
  const dial = trueDial(world, observer, address)
  const isConnected = dial.kind === null && dial.answeredBy === target
  const kept = keptBy(own.scope, there.announced)
  const known: Knowledge = {
    connected: () => isConnected,
    stored: () => [...there.announced],
    kept: () => kept,
    lists: () => isConnected && there.serves && there.protocol === own.protocol && kept.length > 0,
    failed: () => (isConnected ? [] : [dial]),
    toldOf: () => true,
    joined: () => isConnected,
  }
  return { observer, target, ...standing(world, known, observer, target) }
}

type Standing = Pick<TrueCell, 'rung' | 'cause' | 'dead'>

function standing(world: World, known: Knowledge, observer: string, target: string): Standing {
  const there = factsOf(world, target)
  if (!there.starts) return at('unknown', 'CANNOT_START')
  const twins = world.nodes.filter(({ name }) => factsOf(world, name).peerId === there.peerId)
  if (twins.length > 1) return at('unknown', 'SAME_IDENTITY')
  if (!known.connected(observer, target)) return unconnected(world, known, observer, target)
  const own = factsOf(world, observer)
  if (!there.serves) return at('identified', 'CLIENT_MODE')
  if (there.protocol !== own.protocol) return at('identified', 'PROTOCOL_MISMATCH')
  if (!known.lists(observer, target)) {
    if (there.announced.length === 0) return at('speaks-kademlia', 'NO_ADDRESS_ANNOUNCED')
    return own.scope === 'private'
      ? at('speaks-kademlia', 'ONLY_PUBLIC_ADDRESSES')
      : at('speaks-kademlia', 'ONLY_PRIVATE_ADDRESSES')
  }
  return listed(world, known, observer, target)
}

function unconnected(world: World, known: Knowledge, observer: string, target: string): Standing {
  const failure = mostTelling(known.failed(observer, target))
  if (failure !== null) {
    return at('unknown', failure.why === 'no-hairpin' ? 'NO_HAIRPIN' : CAUSE_OF_DIAL[failure.kind])
  }
  if (known.toldOf(observer, target)) return at('unknown', 'NEVER_DIALLED')
  return at('unknown', known.joined(observer) ? 'NOT_TOLD' : 'NOT_JOINED')
}

function listed(world: World, known: Knowledge, observer: string, target: string): Standing {
  const { peerId, listening } = factsOf(world, target)
  const own = factsOf(world, observer)
  const dials = known
    .kept(observer, target)
    .map((address) =>
      own.dials(address)
        ? trueDial(world, observer, `${address}/p2p/${peerId}`)
        : ({ address, answeredBy: null, kind: 'other', why: null } satisfies TrueDial),
    )
  const dead = dials.filter(({ kind }) => kind !== null).map(({ address }) => address)
  const failure = mostTelling(dials)
  if (dead.length < dials.length || failure === null) return { rung: 'dialable', cause: null, dead }
  if (failure.why === 'no-hairpin') return { ...at('listed', 'ADDRESS_NO_HAIRPIN'), dead }
  const port = hostPort(failure.address)?.port ?? null
  const isListened = listening.some((each) => each.port === port)
  if (failure.why === 'closed' && !isListened)
    return { ...at('listed', 'ADDRESS_WRONG_PORT'), dead }
  return { ...at('listed', CAUSE_OF_ADDRESS[failure.kind]), dead }
}

function at(rung: Rung, cause: Cause): Standing {
  return { rung, cause, dead: [] }
}

/** Of several failures the one of the address that leads furthest, and of those the one that says most. */
function mostTelling(dials: readonly TrueDial[]): (TrueDial & { kind: TrueKind }) | null {
  for (const reach of ['public', 'private', 'loopback'] as const) {
    const failed = dials.filter(
      (dial): dial is TrueDial & { kind: TrueKind } =>
        dial.kind !== null && reachOf(dial.address) === reach,
    )
    const ordered = failed.toSorted(
      (one, other) => DIAL_ERROR_KINDS.indexOf(one.kind) - DIAL_ERROR_KINDS.indexOf(other.kind),
    )
    if (ordered[0] !== undefined) return ordered[0]
  }
  return null
}

const CAUSE_OF_DIAL: Readonly<Record<TrueKind, Cause>> = {
  refused: 'DIAL_REFUSED',
  'timed-out': 'DIAL_TIMED_OUT',
  'no-route': 'DIAL_NO_ROUTE',
  'name-not-resolved': 'NAME_NOT_RESOLVED',
  'private-name': 'NAME_IS_PRIVATE',
  'no-family': 'NO_ADDRESS_FAMILY',
  'wrong-peer-id': 'WRONG_PEER_ID',
  'own-address': 'DIAL_OWN_ADDRESS',
  denied: 'CONNECTION_DENIED',
  other: 'DIAL_FAILED',
}

const CAUSE_OF_ADDRESS: Readonly<Record<TrueKind, Cause>> = {
  refused: 'ADDRESS_REFUSED',
  'timed-out': 'ADDRESS_TIMED_OUT',
  'no-route': 'ADDRESS_NO_ROUTE',
  'name-not-resolved': 'ADDRESS_NAME_NOT_RESOLVED',
  'private-name': 'ADDRESS_NAME_PRIVATE',
  'no-family': 'ADDRESS_NO_FAMILY',
  'wrong-peer-id': 'ADDRESS_OF_ANOTHER_PEER',
  'own-address': 'ADDRESS_OF_OBSERVER',
  denied: 'ADDRESS_DENIED',
  other: 'ADDRESS_UNREACHABLE',
}

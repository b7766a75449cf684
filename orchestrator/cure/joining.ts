import type { RemedyAction } from '#node/judgement/causes.ts'
import { peerIdOf } from '#node/judgement/multiaddr-facts.ts'
import { factsOf, meantBy, trueDial, type World } from '../truth/dials.ts'
import { type Knowledge, knowledgeOf } from '../truth/knowledge.ts'
import type { Door, NoDoor } from './doors.ts'
import { insidePorts } from './doors.ts'

/** What lets nodes hear of each other: addresses in BOOTSTRAP that lead to whom they were meant for, or to a hub. */
export interface Joins {
  readonly actions: readonly (RemedyAction & { on: string })[]
  /** By node: which nodes it shares its part of the network with, without those actions. */
  readonly partOf: ReadonlyMap<string, number>
}

/**
 * Mends what leads nowhere, and joins parts of the network that have nobody in common.
 *
 * @param neighbours pairs of one private network that are to meet there
 */
export function joinsOf(
  world: World,
  doors: ReadonlyMap<string, Door | NoDoor>,
  neighbours: readonly { observer: string; target: string }[],
): Joins {
  const bootstrap = new Map(
    world.nodes.map(({ name }) => [name, [...factsOf(world, name).bootstrap]]),
  )
  const changed = new Set<string>()
  for (const [name, addresses] of bootstrap) {
    const mended = addresses.flatMap((address) => mend(world, doors, name, address))
    if (mended.join() === addresses.join()) continue
    bootstrap.set(name, [...new Set(mended)])
    changed.add(name)
  }
  const parts = partsOf(world, knowledgeOf(world))
  for (const name of meetNeighbours(world, doors, bootstrap, changed, neighbours)) changed.add(name)
  const joined = joinParts(world, doors, bootstrap, changed)
  for (const name of joined) changed.add(name)
  const actions = [...changed].map((name) => {
    const addresses = bootstrap.get(name) ?? []
    return { on: name, set: { BOOTSTRAP: addresses.length === 0 ? null : addresses.join(',') } }
  })
  return { actions, partOf: parts }
}

/** The address itself where it leads to whom it names, else the right one of whom it was meant for. */
function mend(
  world: World,
  doors: ReadonlyMap<string, Door | NoDoor>,
  from: string,
  address: string,
): string[] {
  const { kind, answeredBy } = trueDial(world, from, address)
  if (kind === null || kind === 'own-address') return [address]
  const named = world.nodes.find(({ name }) => factsOf(world, name).peerId === peerIdOf(address))
  const meant = answeredBy ?? meantBy(world, from, address) ?? named?.name ?? null
  if (meant === null || meant === from) return []
  const right = addressFrom(world, doors, from, meant)
  return right === null ? [] : [right]
}

/** An address at which one node can dial another; null where there is none. */
function addressFrom(
  world: World,
  doors: ReadonlyMap<string, Door | NoDoor>,
  from: string,
  to: string,
): string | null {
  const [here, there] = [from, to].map((name) => world.nodes.find((node) => node.name === name))
  const { peerId } = factsOf(world, to)
  const door = doors.get(to)
  const candidates = [
    ...(here?.network === there?.network
      ? insidePorts(world, to).map((port) => `/ip4/${there?.address}/tcp/${port}`)
      : []),
    ...(door === undefined || 'none' in door ? [] : [`/ip4/${door.address}/tcp/${door.port}`]),
  ].map((address) => `${address}/p2p/${peerId}`)
  return candidates.find((address) => trueDial(world, from, address).kind === null) ?? null
}

/**
 * Names neighbours to each other: nobody outside tells them their private addresses, which others filter away. Returns
 * whom one was named to.
 */
function meetNeighbours(
  world: World,
  doors: ReadonlyMap<string, Door | NoDoor>,
  bootstrap: Map<string, string[]>,
  changed: ReadonlySet<string>,
  neighbours: readonly { observer: string; target: string }[],
): string[] {
  const mended = worldWith(world, bootstrap, changed)
  const known = knowledgeOf(mended)
  const named: { observer: string; target: string }[] = []
  for (const { observer, target } of neighbours) {
    if (known.connected(observer, target)) continue
    if (named.some((pair) => pair.observer === target && pair.target === observer)) continue
    const address = addressFrom(mended, doors, observer, target)
    if (address === null) continue
    bootstrap.set(observer, [...new Set([...(bootstrap.get(observer) ?? []), address])])
    named.push({ observer, target })
  }
  return named.map(({ observer }) => observer)
}

/** Names the hub to one node of each part that has nobody in common with the hub's. Returns whom it was named to. */
function joinParts(
  world: World,
  doors: ReadonlyMap<string, Door | NoDoor>,
  bootstrap: Map<string, string[]>,
  changed: ReadonlySet<string>,
): string[] {
  const joined: string[] = []
  const mended = worldWith(world, bootstrap, changed)
  const parts = partsOf(mended, knowledgeOf(mended))
  const hub = hubOf(mended, parts)
  if (hub === null) return []
  const done = new Set([parts.get(hub)])
  for (const { name } of world.nodes) {
    const part = parts.get(name)
    if (done.has(part)) continue
    const address = addressFrom(mended, doors, name, hub)
    if (address === null) continue
    done.add(part)
    bootstrap.set(name, [...(bootstrap.get(name) ?? []), address])
    joined.push(name)
  }
  return joined
}

function worldWith(
  world: World,
  bootstrap: ReadonlyMap<string, string[]>,
  changed: ReadonlySet<string>,
): World {
  const facts = new Map(world.facts)
  for (const name of changed) {
    facts.set(name, { ...factsOf(world, name), bootstrap: bootstrap.get(name) ?? [] })
  }
  return { ...world, facts }
}

/** The server that most can dial; of several the one in the largest part, then the first. */
function hubOf(world: World, parts: ReadonlyMap<string, number>): string | null {
  const size = (name: string): number =>
    [...parts.values()].filter((part) => part === parts.get(name)).length
  const reach = ({ name }: { name: string }): number => {
    const { announced, peerId } = factsOf(world, name)
    return world.nodes.filter(
      (other) =>
        other.name !== name &&
        announced.some((one) => trueDial(world, other.name, `${one}/p2p/${peerId}`).kind === null),
    ).length
  }
  const servers = world.nodes.filter(
    ({ name }) => factsOf(world, name).serves && factsOf(world, name).starts,
  )
  const best = servers
    .map((node) => ({ name: node.name, reach: reach(node), size: size(node.name) }))
    .toSorted((one, other) => other.reach - one.reach || other.size - one.size)[0]
  return best === undefined || best.reach === 0 ? null : best.name
}

function partsOf(world: World, known: Knowledge): Map<string, number> {
  const parts = new Map(world.nodes.map(({ name }, index) => [name, index]))
  for (let changes = true; changes;) {
    changes = false
    for (const one of parts.keys()) {
      for (const other of parts.keys()) {
        const [here = 0, there = 0] = [parts.get(one), parts.get(other)]
        if (here <= there || !known.connected(one, other)) continue
        parts.set(one, there)
        changes = true
      }
    }
  }
  return parts
}

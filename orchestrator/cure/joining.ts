import type { RemedyAction } from '#node/judgement/causes.ts'
import { peerIdOf } from '#node/judgement/multiaddr-facts.ts'
import { factsOf, meantBy, trueDial, type World } from '../truth/dials.ts'
import { cellsOf } from '../truth/expected-cell.ts'
import { type Knowledge, knowledgeOf } from '../truth/knowledge.ts'
import type { Door, NoDoor } from './doors.ts'
import { insidePorts } from './doors.ts'
import { isPair, type Pair } from './pairs.ts'

/** What lets nodes hear of each other: addresses in BOOTSTRAP that lead to whom they were meant for, or to a hub. */
export interface Joins {
  readonly actions: readonly (RemedyAction & { on: string })[]
  /** By node: which nodes it shares its part of the network with, without those actions. */
  readonly partOf: ReadonlyMap<string, number>
}

/**
 * Mends what leads nowhere, joins parts of the network that have nobody in common, and names to an observer whom it would
 * not find all the same.
 *
 * @param wanted pairs that are to stand once all is done
 */
export function joinsOf(
  world: World,
  doors: ReadonlyMap<string, Door | NoDoor>,
  wanted: readonly Pair[],
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
  joinParts(world, doors, { bootstrap, changed })
  nameTheRest(world, doors, { bootstrap, changed }, wanted)
  const actions = [...changed].map((name) => {
    const addresses = bootstrap.get(name) ?? []
    return { on: name, set: { BOOTSTRAP: addresses.length === 0 ? null : addresses.join(',') } }
  })
  return { actions, partOf: parts }
}

/** Whom each node is to join through, and for whom that is another than it was. */
interface Bootstraps {
  readonly bootstrap: Map<string, string[]>
  readonly changed: Set<string>
}

function nameTo({ bootstrap, changed }: Bootstraps, observer: string, address: string): void {
  const known = bootstrap.get(observer) ?? []
  if (known.includes(address)) return
  bootstrap.set(observer, [...known, address])
  changed.add(observer)
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

/** Names the hub to one node of each part that has nobody in common with the hub's. */
function joinParts(
  world: World,
  doors: ReadonlyMap<string, Door | NoDoor>,
  bootstraps: Bootstraps,
): void {
  const mended = worldWith(world, bootstraps)
  const parts = partsOf(mended, knowledgeOf(mended))
  const hub = hubOf(mended, parts)
  if (hub === null) return
  const done = new Set([parts.get(hub)])
  for (const { name } of world.nodes) {
    const part = parts.get(name)
    if (done.has(part)) continue
    const address = addressFrom(mended, doors, name, hub)
    if (address === null) continue
    done.add(part)
    nameTo(bootstraps, name, address)
  }
}

/**
 * Names targets to whoever would still not hear of them, or not at an address that leads there: neighbours whose private
 * addresses others filter away, those whom only such others list. First the one whom most lack, since who joins through
 * it hears of the others there.
 */
function nameTheRest(
  world: World,
  doors: ReadonlyMap<string, Door | NoDoor>,
  bootstraps: Bootstraps,
  wanted: readonly Pair[],
): void {
  const named = new Set<string>()
  for (;;) {
    const mended = worldWith(world, bootstraps)
    const red = cellsOf(mended).filter(({ cause }) => cause !== null)
    const lacking = new Map<string, string[]>()
    for (const pair of wanted) {
      const { observer, target } = pair
      if (named.has(target) || !red.some((cell) => isPair(cell, pair))) continue
      lacking.set(target, [...(lacking.get(target) ?? []), observer])
    }
    const [most] = [...lacking].toSorted(([, one], [, other]) => other.length - one.length)
    if (most === undefined) return
    const [target, observers] = most
    named.add(target)
    for (const observer of observers) {
      const address = addressFrom(mended, doors, observer, target)
      if (address !== null) nameTo(bootstraps, observer, address)
    }
  }
}

function worldWith(world: World, { bootstrap, changed }: Bootstraps): World {
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

/**
 * Who hears of whom: servers one of whom lists the other share a part, since each can be asked for whom it lists. A client
 * is in the part of a server that it lists, and joins no two: nobody asks it.
 */
function partsOf(world: World, known: Knowledge): Map<string, number> {
  const names = world.nodes.map(({ name }) => name)
  const parts = new Map(names.map((name, index) => [name, index]))
  const isServer = (name: string): boolean => factsOf(world, name).serves
  const servers = names.filter(isServer)
  for (let changes = true; changes;) {
    changes = false
    for (const one of servers) {
      for (const other of servers) {
        const [here = 0, there = 0] = [parts.get(one), parts.get(other)]
        if (here <= there || !(known.lists(one, other) || known.lists(other, one))) continue
        parts.set(one, there)
        changes = true
      }
    }
  }
  for (const client of names.filter((name) => !isServer(name))) {
    const server = servers.find((name) => known.lists(client, name))
    const part = server === undefined ? undefined : parts.get(server)
    if (part !== undefined) parts.set(client, part)
  }
  return parts
}

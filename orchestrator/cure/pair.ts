import type { RemedyAction } from '#node/judgement/causes.ts'
import { reachOf } from '#node/judgement/multiaddr-facts.ts'
import { factsOf, trueDial, type World } from '../truth/dials.ts'
import { keptBy } from '../truth/knowledge.ts'
import { type Door, type NoDoor, insidePorts, routersOf } from './doors.ts'

/** What one pair needs so that the observer lists the target at an address that leads there. */
export type Needs = { readonly actions: readonly RemedyAction[] } | { readonly none: string }

export interface PairContext {
  readonly world: World
  readonly doors: ReadonlyMap<string, Door | NoDoor>
  /** The Kademlia protocol that everybody is to speak. */
  readonly protocol: string
}

/** Everything that stands between a target and an observer, apart from that they must hear of each other. */
export function needsOf(context: PairContext, observer: string, target: string): Needs {
  const { world, protocol } = context
  const way = wayTo(context, observer, target)
  if ('none' in way) return way
  const own = factsOf(world, observer)
  const there = factsOf(world, target)
  const actions: RemedyAction[] = [
    ...listen(world, target),
    ...identity(world, target),
    ...way.actions,
  ]
  for (const { name, protocol: spoken } of [own, there]) {
    if (spoken !== protocol) actions.push({ on: name, set: { KAD_PROTOCOL: protocol } })
  }
  if (!there.serves && (way.isPrivate || modeOf(world, target) === 'client')) {
    actions.push({ on: target, set: { KAD_MODE: 'server' } })
  }
  return { actions }
}

type Way =
  | { readonly actions: readonly RemedyAction[]; readonly isPrivate: boolean }
  | { none: string }

/** An address that leads from the observer to the target, is announced and is kept. */
function wayTo({ world, doors }: PairContext, observer: string, target: string): Way {
  const own = factsOf(world, observer)
  const there = factsOf(world, target)
  const leads = (address: string): boolean =>
    own.dials(address) && trueDial(world, observer, `${address}/p2p/${there.peerId}`).kind === null
  if (there.starts && keptBy(own.scope, there.announced).some(leads)) {
    return { actions: [], isPrivate: !there.announced.some((one) => reachOf(one) === 'public') }
  }
  const network = networkOf(world, observer)
  if (network === networkOf(world, target) && network !== 'internet') {
    return neighbourly(world, observer, target)
  }
  const door = doors.get(target)
  if (door === undefined || 'none' in door) return { none: door?.none ?? 'it has no address' }
  const scope: RemedyAction[] =
    own.scope === 'private' ? [{ on: observer, set: { ADDRESS_SCOPE: 'any' } }] : []
  return { actions: [...door.opens, ...announce(world, target, door), ...scope], isPrivate: false }
}

/** Two in one private network: the router leads them in again, or they meet at their private addresses. */
function neighbourly(world: World, observer: string, target: string): Way {
  const own = factsOf(world, observer)
  const there = factsOf(world, target)
  const [router, carrier] = routersOf(world, siteOf(world, target))
  const isHairpin = keptBy(own.scope, there.announced).some(
    (address) =>
      trueDial(world, observer, address).why === 'no-hairpin' &&
      isForwarded(world, target, address),
  )
  if (
    isHairpin &&
    router !== undefined &&
    carrier === undefined &&
    router.nat.oneToOne.length === 0
  ) {
    return { actions: [{ router: router.name, hairpin: true }], isPrivate: false }
  }
  const [port] = insidePorts(world, target)
  const address = `/ip4/${addressOf(world, target)}/tcp/${port}`
  const actions: RemedyAction[] = []
  if (own.scope === 'public') actions.push({ on: observer, set: { ADDRESS_SCOPE: 'any' } })
  if (!own.dials(address) && own.scope !== 'public') {
    actions.push({ on: observer, set: { DIAL_PRIVATE: 'yes' } })
  }
  if (!there.announced.includes(address)) actions.push(append(world, target, [address]))
  return { actions, isPrivate: true }
}

/** Settings by which a node announces its door, and still whatever led somebody to it. */
function announce(world: World, target: string, { address, port }: Door): RemedyAction[] {
  const there = factsOf(world, target)
  const door = `/ip4/${address}/tcp/${port}`
  if (there.announced.includes(door)) return []
  const env = envOf(world, target)
  const appended = split(env['APPEND_ANNOUNCE'])
  const useful = there.announced.filter(
    (one) =>
      !appended.includes(one) &&
      world.nodes.some(
        ({ name }) =>
          name !== target &&
          keptBy(factsOf(world, name).scope, [one]).length > 0 &&
          trueDial(world, name, `${one}/p2p/${there.peerId}`).kind === null,
      ),
  )
  const ports = insidePorts(world, target)
  const isPlain = ports.length === 1 && ports[0] === port
  const set: Record<string, string | null> = isPlain
    ? { PUBLIC_IP: address, ...(env['ANNOUNCE'] !== undefined && { ANNOUNCE: null }) }
    : { ANNOUNCE: door }
  const told: RemedyAction = { on: target, set }
  return useful.length === 0 ? [told] : [told, append(world, target, useful)]
}

function append(world: World, target: string, addresses: readonly string[]): RemedyAction {
  const appended = split(envOf(world, target)['APPEND_ANNOUNCE'])
  const all = [...new Set([...appended, ...addresses])]
  return { on: target, set: { APPEND_ANNOUNCE: all.join(',') } }
}

function listen(world: World, node: string): RemedyAction[] {
  const { starts, listening } = factsOf(world, node)
  const isReachable = listening.some(({ address }) => !address.startsWith('127.'))
  if (starts && isReachable) return []
  const ports = insidePorts(world, node)
  return [{ on: node, set: { LISTEN: ports.map((port) => `/ip4/0.0.0.0/tcp/${port}`).join(',') } }]
}

/** All twins but the first become somebody else. */
function identity(world: World, node: string): RemedyAction[] {
  const { peerId } = factsOf(world, node)
  const [, ...twins] = world.nodes.filter(({ name }) => factsOf(world, name).peerId === peerId)
  return twins.map(({ name }) => ({ on: name, set: { IDENTITY_SEED: null } }))
}

function isForwarded(world: World, target: string, address: string): boolean {
  const port = Number(/\/tcp\/(\d+)/.exec(address)?.[1])
  const own = addressOf(world, target)
  const ports = insidePorts(world, target)
  return routersOf(world, siteOf(world, target)).some(({ nat }) =>
    nat.forwards.some(
      (each) => each.port === port && each.to === own && ports.includes(each.toPort),
    ),
  )
}

function modeOf(world: World, node: string): string {
  return envOf(world, node)['KAD_MODE'] ?? 'server'
}

function split(text: string | undefined): string[] {
  return (text ?? '').split(/[\s,]+/).filter((part) => part !== '')
}

function envOf(world: World, node: string): Readonly<Record<string, string>> {
  return world.nodes.find(({ name }) => name === node)?.env ?? {}
}

function addressOf(world: World, node: string): string {
  return world.nodes.find(({ name }) => name === node)?.address ?? ''
}

function networkOf(world: World, node: string): string {
  return world.nodes.find(({ name }) => name === node)?.network ?? ''
}

function siteOf(world: World, node: string): string {
  return world.nodes.find(({ name }) => name === node)?.site ?? ''
}

import { CONFIG_VARIABLES, parseConfig } from '#node/config/config.ts'
import { hostPort, reachOf, withoutPeerId } from '#node/judgement/multiaddr-facts.ts'
import type { AddressScope } from '#node/judgement/observation.ts'
import { peerIdOf } from '../plan/identity.ts'
import type { NodePlan } from '../plan/plan-type.ts'
import type { Endpoint } from './packets.ts'

/** What a node's settings make of it. */
export interface NodeFacts {
  readonly name: string
  /** False where it cannot start: an address to listen on is not its own. */
  readonly starts: boolean
  readonly peerId: string
  /** Endpoints of its own; the address is 0.0.0.0 where it listens on all. */
  readonly listening: readonly Endpoint[]
  /** Multiaddrs that it tells others. */
  readonly announced: readonly string[]
  /** It serves Kademlia. */
  readonly serves: boolean
  readonly protocol: string
  readonly scope: AddressScope
  /** Multiaddrs that it joins through. */
  readonly bootstrap: readonly string[]
  /** Whether it dials this address at all. */
  dials(address: string): boolean
}

const VARIABLE_NAMES: ReadonlySet<string> = new Set(CONFIG_VARIABLES.map(({ name }) => name))

/** Reads a node's settings as the node does. */
export function nodeFacts(plan: NodePlan): NodeFacts {
  // Programs of other implementations read the same variables, and some of their own.
  const known = Object.entries(plan.env).filter(([variable]) => VARIABLE_NAMES.has(variable))
  const config = parseConfig(Object.fromEntries(known))
  const listening = config.listen.flatMap((address): Endpoint[] => {
    const found = hostPort(address)
    return found?.family === 'ip4' && found.port !== null
      ? [{ address: found.host, port: found.port }]
      : []
  })
  const isOwn = plan.program === 'kadlab'
  const announced = announcedBy(config, listening, plan.address, isOwn)
  const seed = config.identity.kind === 'seed' ? config.identity.seed : null
  const named = new Set(config.bootstrap.map((address) => hostPort(address)?.host))
  return {
    name: plan.name,
    starts: listening.every(({ address }) =>
      ['0.0.0.0', '127.0.0.1', plan.address].includes(address),
    ),
    peerId: seed === null ? plan.peerId : peerIdOf(seed),
    listening,
    announced,
    serves:
      config.kadMode === 'server' ||
      (config.kadMode === 'auto' && announced.some((one) => reachOf(one) === 'public')),
    protocol: config.kadProtocol,
    scope: config.addressScope,
    bootstrap: config.bootstrap,
    dials: (address) => {
      if (config.dialPrivate !== false || reachOf(address) === 'public') return true
      return named.has(hostPort(address)?.host)
    },
  }
}

function announcedBy(
  config: ReturnType<typeof parseConfig>,
  listening: readonly Endpoint[],
  own: string,
  isOwn: boolean,
): string[] {
  const { announce, publicIp, appendAnnounce } = config
  if (announce.length > 0) return unique([...announce, ...appendAnnounce])
  const family = publicIp?.includes(':') === true ? 'ip6' : 'ip4'
  const outside =
    publicIp === null ? [] : listening.map(({ port }) => `/${family}/${publicIp}/tcp/${port}`)
  if (publicIp !== null && isOwn) return unique([...outside, ...appendAnnounce])
  const interfaces = listening.flatMap(({ address, port }) =>
    (address === '0.0.0.0' ? ['127.0.0.1', own] : [address]).map(
      (each) => `/ip4/${each}/tcp/${port}`,
    ),
  )
  // Peers of other implementations tell of the addresses of their interfaces too, whatever else they are told to tell.
  const all = unique([...interfaces, ...outside, ...appendAnnounce])
  const others = all.filter((address) => reachOf(address) !== 'loopback')
  return others.length > 0 ? others : all
}

function unique(addresses: readonly string[]): string[] {
  return [...new Set(addresses.map(withoutPeerId))]
}

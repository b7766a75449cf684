import { isIP } from 'node:net'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { z } from 'zod'
import { readPeerId } from '../base/read-peer-id.ts'

/** A text that a variable may hold, turned into the value that it means. */
export type ValueSchema<T> = z.ZodType<T, string>

/** Where the node's API listens: a unix socket, or a host and port. */
export type ApiAddress = { path: string } | { host: string; port: number }

function value<T>(parse: (text: string) => T | undefined): ValueSchema<T> {
  return z.string().transform((text, context) => {
    const parsed = parse(text.trim())
    if (parsed !== undefined) return parsed
    context.addIssue({ code: 'custom', message: 'not allowed' })
    return z.NEVER
  })
}

/** Comma or white space between the items; an item that does not parse spoils the list. */
function list<T>(parse: (item: string) => T | undefined): ValueSchema<T[]> {
  return value((text) => {
    const items = text.split(/[\s,]+/).filter((item) => item !== '')
    const parsed = items.map(parse)
    return parsed.every((item) => item !== undefined) ? parsed : undefined
  })
}

export function integer(min: number, max: number): ValueSchema<number> {
  return value((text) => {
    if (!/^\d{1,15}$/.test(text)) return undefined
    const number = Number(text)
    return number >= min && number <= max ? number : undefined
  })
}

export function oneOf<const T extends string>(...names: T[]): ValueSchema<T> {
  return value((text) => names.find((name) => name === text))
}

export const yesNo: ValueSchema<boolean> = value((text) =>
  text === 'yes' ? true : text === 'no' ? false : undefined,
)

export const text: ValueSchema<string> = value((seen) => seen)

/** `0.0.0.0`, `::`, and what else stands for no one host: multicast and broadcast. */
const NO_HOST = /^(0\.0\.0\.0|2(2[4-9]|3\d)\..*|255\.255\.255\.255|[0:]+|ff..:.*)$/i

/** The IP address of one host, without a zone. */
export const ipAddress: ValueSchema<string> = value((seen) =>
  isIP(seen) === 0 || NO_HOST.test(seen) ? undefined : seen,
)

/** 32 bytes in hexadecimal. */
export const seed: ValueSchema<string> = value((seen) =>
  /^[0-9a-f]{64}$/i.test(seen) ? seen.toLowerCase() : undefined,
)

/** Build metadata as semantic versioning has it. */
export const buildName: ValueSchema<string> = value((seen) =>
  /^[A-Za-z0-9.-]{1,64}$/.test(seen) ? seen : undefined,
)

/** Names of peers: `name=peer id`, the id as nodes print it, or as a CID. By peer id as nodes print it. */
export const peerNames: ValueSchema<ReadonlyMap<string, string>> = list((item) => {
  const [, name, peerId] = /^([\p{L}\p{N}][\p{L}\p{N}._-]{0,62})=(\w+)$/u.exec(item) ?? []
  const read = peerId === undefined ? null : readPeerId(peerId)
  return name === undefined || read === null ? undefined : ([read, name] as const)
}).transform((pairs) => new Map(pairs))

/** A libp2p protocol id. */
export const protocolId: ValueSchema<string> = value((seen) =>
  /^\/[!-~]+$/.test(seen) ? seen : undefined,
)

interface TcpMultiaddr {
  text: string
  /** The protocol of its host: `ip4`, `dns`. */
  host: string
  value: string
  port: string
  peerId: string | null
}

function readTcpMultiaddr(text: string): TcpMultiaddr | undefined {
  try {
    const [host, transport, peer, ...rest] = multiaddr(text).getComponents()
    if (host === undefined || !/^(ip4|ip6|dns|dns4|dns6)$/.test(host.name)) return undefined
    if (transport?.name !== 'tcp' || rest.length > 0) return undefined
    if (peer !== undefined && peer.name !== 'p2p') return undefined
    // A multiaddr takes any text for a peer id.
    const peerId = peer === undefined ? null : peerIdFromString(peer.value ?? '').toString()
    // A CID's spelling is taken, and told as libp2p prints it.
    const spelled = text.replace(/\/(?:p2p|ipfs)\/[^/]+$/, `/p2p/${peerId}`)
    return {
      text: spelled,
      host: host.name,
      value: host.value ?? '',
      port: transport.value ?? '',
      peerId,
    }
  } catch {
    return undefined
  }
}

/** Multiaddrs over TCP of one host and port each, with or without a peer id at the end: addresses that can be dialled. */
export const tcpMultiaddrs: ValueSchema<string[]> = list((item) => {
  const address = readTcpMultiaddr(item)
  if (address === undefined || address.port === '0') return undefined
  return address.host.startsWith('ip') && NO_HOST.test(address.value) ? undefined : address.text
})

/** Multiaddrs over TCP of this host's own interfaces, at least one. */
export const listenMultiaddrs: ValueSchema<string[]> = list((item) => {
  const address = readTcpMultiaddr(item)
  return address?.peerId === null && address.host.startsWith('ip') ? address.text : undefined
}).refine((addresses) => addresses.length > 0)

/** Whether an address that `listenMultiaddrs` took leaves the port to the system. */
export function takesFreePort(address: string): boolean {
  return readTcpMultiaddr(address)?.port === '0'
}

/** `yes`, `no`, `auto`, or the ranges that are allowed. */
export const privateDials: ValueSchema<boolean | 'auto' | string[]> = value((seen) => {
  if (seen === 'yes') return true
  if (seen === 'no') return false
  if (seen === 'auto') return 'auto'
  const ranges = seen.split(/[\s,]+/).filter((item) => item !== '')
  return ranges.length > 0 && ranges.every(isCidr) ? ranges : undefined
})

function isCidr(seen: string): boolean {
  const [address = '', bits = '', ...more] = seen.split('/')
  const family = isIP(address)
  if (family === 0 || more.length > 0 || !/^\d{1,3}$/.test(bits)) return false
  return Number(bits) <= (family === 4 ? 32 : 128)
}

/** As it is written in the environment. */
export function shownAddress(listen: ApiAddress): string {
  if ('path' in listen) return listen.path
  return `${listen.host.includes(':') ? `[${listen.host}]` : listen.host}:${listen.port}`
}

/**
 * Whether only this machine reaches what listens there: on a socket file, or on loopback.
 *
 * @param publishedAt the address at which others reach it instead, where a container's engine publishes it
 */
export function isWithinMachine(listen: ApiAddress, publishedAt: string | null): boolean {
  if ('path' in listen) return true
  const host = (publishedAt ?? listen.host).toLowerCase().replace(/^::ffff:/, '')
  if (isIP(host) === 4) return host.startsWith('127.')
  return host === '::1' || host === 'localhost'
}

/** What can stand in a header as it is (RFC 6750), and is no word. */
export const bearerToken: ValueSchema<string> = value((seen) =>
  /^[A-Za-z0-9._~+/-]{16,256}=*$/.test(seen) ? seen : undefined,
)

/** `/run/kadlab.sock`, `127.0.0.1:8080`, `[::1]:8080`. */
export const apiAddress: ValueSchema<ApiAddress> = value((seen) => {
  if (seen.startsWith('/') || seen.startsWith('./')) return { path: seen }
  const match = /^(\[[0-9a-f:.]+\]|[^\s:/]+):(\d{1,5})$/i.exec(seen)
  if (match?.[1] === undefined || Number(match[2]) > 65_535) return undefined
  return { host: match[1].replace(/^\[|\]$/g, ''), port: Number(match[2]) }
})

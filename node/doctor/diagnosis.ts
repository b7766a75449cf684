import type { DialErrorKind, DialEvidence } from '../judgement/causes.ts'
import type { Implementation } from '../judgement/implementation.ts'
import type { Reach } from '../judgement/multiaddr-facts.ts'
import type { Sighting } from '../judgement/sighting.ts'

/** What the doctor found of one peer. */
export interface Diagnosis {
  schema: 'kadlab.doctor/1'
  /** The multiaddr that was examined. */
  address: string
  /** True on the top rung with every check passed: a stranger would list the peer, reach it, and be served. */
  healthy: boolean
  /** Null where nobody answered. */
  peerId: string | null
  agent: string | null
  implementation: Implementation
  checks: Check[]
  /** Addresses that identify carried, each with what becomes of it; null where identify did not come. */
  announced: AnnouncedAddress[] | null
  /** How far the peer comes at a stranger, and why no further. */
  sighting: Sighting
}

/** The steps of an examination, in order; each needs the ones before. */
export const CHECKS = ['dial', 'handshake', 'identify', 'kademlia', 'ping', 'dial-back'] as const

export interface Check {
  name: (typeof CHECKS)[number]
  /** Null: not tried, because an earlier one failed. */
  ok: boolean | null
  detail: string
}

/** The states of an address in the words of the libp2p specifications. */
export const ADDRESS_STATES = ['unverified', 'confirmed', 'unreachable'] as const

/** From where an address, or its state, is known. */
export const ADDRESS_SOURCES = ['identify', 'dial', 'dial-back'] as const

export interface AnnouncedAddress {
  address: string
  /** `unverified`: nobody has tried it, or not over what it needs. */
  state: (typeof ADDRESS_STATES)[number]
  /** `identify`: the peer announces it; `dial`: it is where the peer was examined; `dial-back`: tried on a fresh connection. */
  sources: (typeof ADDRESS_SOURCES)[number][]
  reach: Reach
  /** Whether the address filter of the scope keeps it: what others would list. */
  kept: boolean
  /** The transport that it needs and the doctor does not speak: `QUIC`, `relay`. Null for plain TCP, and for what is installed. */
  otherTransport: string | null
  /** The dial on a fresh connection; null where it was judged and not dialled. */
  dial: DialEvidence | null
}

/**
 * How many of the announced addresses lead nowhere, so that others try them in vain. One to which this side did
 * not go is not among them: nobody has tried it.
 */
export function deadAddressCount({ announced }: Diagnosis): number {
  return announced?.filter(({ dial }) => dial !== null && isDead(dial)).length ?? 0
}

/** Why nobody went there though an address was to be dialled, by how the dial failed. */
export const NOT_GONE: Readonly<Partial<Record<DialErrorKind, string>>> = {
  'no-family': 'of a family that this side lacks',
  'private-name': 'of a name that leads to private addresses',
}

/** Whether a dial shows that nobody is reached there, and not that this side did not go there. */
export function isDead({ ok, kind }: DialEvidence): boolean {
  return !ok && (kind === undefined || NOT_GONE[kind] === undefined)
}

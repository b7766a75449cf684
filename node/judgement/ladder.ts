/**
 * The ladder that a target climbs at an observer. A target climbs rung by rung; what it has reached it may keep when a
 * lower rung breaks: a target that stopped stays *listed* until somebody takes it out.
 *
 * The identifiers are stable: reports, events, metrics and the docs carry them.
 */
export const RUNGS = [
  'unknown',
  'connected',
  'identified',
  'speaks-kademlia',
  'addressable',
  'listed',
  'dialable',
] as const

/** One rung: how far a target has come at an observer. */
export type Rung = (typeof RUNGS)[number]

/** What each rung means, in one sentence; the docs' table is made from it. */
export const RUNG_MEANING: Readonly<Record<Rung, string>> = {
  unknown: 'no connection to the target is open',
  connected: 'a connection is open and secured, in either direction',
  identified: 'the target has said over identify who it is and what it speaks',
  'speaks-kademlia':
    "identify lists the observer's Kademlia protocol, over a connection that carries it",
  addressable: 'at least one address of the target is left after the address filter',
  listed: "the target is in the observer's routing table",
  dialable: 'a fresh connection to an address under which the target is listed succeeded',
}

/** True where `rung` is `wanted` or stands higher. */
export function reaches(rung: Rung, wanted: Rung): boolean {
  return RUNGS.indexOf(rung) >= RUNGS.indexOf(wanted)
}

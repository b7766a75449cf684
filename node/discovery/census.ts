import type { Cause } from '../judgement/causes.ts'
import { causeOfUnconnected, judge } from '../judgement/judge.ts'
import type { Sighting } from '../judgement/sighting.ts'
import { listedPeers } from '../patches/kad.ts'
import { type Lens, newRecord, observe, observerOf } from './target-record.ts'
import type { TargetRecords } from './target-records.ts'

/** Everybody that a node has heard of, without a judgement of each who was only named to it. */
export interface Census {
  /** One for each peer that is connected, listed, or has been dialled back. */
  sightings: Sighting[]
  /** How many others there are, by cause. None of them is connected: they stand on the lowest rung. */
  others: Map<Cause, number>
}

/**
 * Counts whom a node knows. Every answer to a lookup names peers, which are kept for hours: there may be thousands of
 * them, of whom no more is to be said than how many they are.
 */
export async function takeCensus(lens: Lens, records: TargetRecords): Promise<Census> {
  const { libp2p, dht } = lens
  const near = new Set(listedPeers(dht).map(String))
  for (const { peerId, connections, dialBack } of records.values()) {
    if (connections.size > 0 || dialBack.size > 0) near.add(peerId)
  }
  const stored = (await libp2p.peerStore.all()).map(({ id }) => id.toString())
  const known = new Set([...records.values().map(({ peerId }) => peerId), ...stored])
  known.delete(libp2p.peerId.toString())

  const others = new Map<Cause, number>()
  const observer = observerOf(lens)
  for (const peerId of known.difference(near)) {
    const { dials, denied, closed } = records.get(peerId) ?? NOT_SEEN
    const cause = causeOfUnconnected({
      dials: [...dials.values()],
      denied,
      closed,
      // Whoever is known without a record was named by somebody, with an address.
      stored: [peerId],
      observer,
    })
    others.set(cause, (others.get(cause) ?? 0) + 1)
  }
  const sightings = [...near].map(async (peerId) =>
    judge(await observe(lens, records.get(peerId) ?? newRecord(peerId))),
  )
  return { sightings: await Promise.all(sightings), others }
}

const NOT_SEEN = newRecord('')

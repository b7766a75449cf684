import type { PeerId } from '@libp2p/interface'
import { describeError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Question } from '../kad/client.ts'
import { compareDistance, type Contact, placeOf } from '../kad/distance.ts'
import { decodeRecord, encodeFrame, encodeRecord, nameOfBytes } from '../kad/message.ts'
import type { KadWire } from '../kad/wire.ts'
import type { Clock } from '../time/clock.ts'
import { delay, ticks } from '../time/delay.ts'
import type { LocalRecords } from './local-records.ts'
import { RecentKeys } from './recent-keys.ts'
import { openRecord, type RecordRules, type StoredRecord } from './records.ts'

/** Records that are looked at in one go. */
const PAGE = 200
/** Between two records of a round, in ms: others have something to do too. */
const PAUSE_MS = 5
/** A round begins so much sooner or later than its interval says, as a share of it. */
const JITTER = 0.2
/** Of the holders closest to a key, so many give it to a peer that comes close; each may lack it. */
const GIVERS = 3
/** A peer that comes is given its records after so long: what it lists and what lists it has settled then. */
const SETTLE_MS = 1000
/** Records on their way at a time when a node leaves. */
const LEAVING_AT_ONCE = 32
/** How long leaving may take, in ms: what is not handed over by then is left to the other holders. */
const LEAVING_MS = 3000

export interface ReplicationComponents {
  wire: KadWire
  local: LocalRecords
  rules: RecordRules
  clock: Clock
  random: () => number
  log: Log
  /** True for a peer that a connection leads to. */
  isConnected: (peer: PeerId) => boolean
}

export interface ReplicationOptions {
  /** How often each record is given to the peers that are closest to its key then, by one of its holders, in ms. */
  intervalMs: number
  /**
   * For so long after its start a node gives nothing to peers that it comes to list: it is the one that comes. In ms.
   * Default 10,000.
   */
  youngMs?: number
}

/** Keeps each signed record at the peers that are closest to its key, whoever comes and goes. */
export interface Replication {
  start(): void
  /** A peer gave this node a record: for this interval others need not be told again. */
  heard(record: Uint8Array): void
  /** Gives what this node holds to others, before it leaves. Never rejects. */
  leave(): Promise<void>
  stop(): Promise<void>
}

export function createReplication(
  components: ReplicationComponents,
  { intervalMs, youngMs = 10_000 }: ReplicationOptions,
): Replication {
  const { wire, local, rules, clock, random, log, isConnected } = components
  const own = placeOf(wire.kad.components.peerId.toMultihash().bytes)
  const recent = new RecentKeys()
  const ending = new AbortController()
  const { signal } = ending
  let running: Promise<unknown> = Promise.resolve()
  const arrived = new Map<string, PeerId>()
  let startedAt = clock.now()
  let giving: Promise<void> | null = null

  /** Every signed record that is held, with its key. */
  async function* held(): AsyncGenerator<[Uint8Array, StoredRecord], void, void> {
    let after: Uint8Array | null = null
    for (;;) {
      const page = await local.list(after, PAGE, () => true)
      for (const { record } of page) {
        const stored = await local.get(record)
        // Plain records are their writers' to keep: nothing says how old they are.
        if (stored !== null && stored.version !== null) yield [record, stored]
      }
      const last = page.at(-1)
      if (page.length < PAGE || last === undefined) return
      after = last.record
    }
  }

  /** Gives a record to peers; what one of them has that is newer is kept here. */
  async function give(
    record: Uint8Array,
    { bytes }: StoredRecord,
    to: readonly Contact[],
  ): Promise<void> {
    const frame = encodeFrame({
      type: 'PUT_VALUE',
      key: record,
      record: encodeRecord({ key: record, value: bytes }),
    })
    const question: Question = { type: 'PUT_VALUE', frame }
    const giveOne = async (contact: Contact): Promise<void> => {
      try {
        const answer = await wire.client.ask(contact, question)
        if (answer.record === undefined) return
        const { value } = decodeRecord(answer.record)
        if (Buffer.compare(value, bytes) === 0) return
        await local.put(record, openRecord(record, value, rules), null)
      } catch {
        // Why a peer did not take it is in the metrics; the next round tries again.
      }
    }
    await Promise.all(to.map(giveOne))
  }

  const closest = (place: Uint8Array): Contact[] =>
    wire.closestListed(place, wire.count).filter(({ name }) => !wire.client.pace.isStalled(name))

  async function republish(): Promise<void> {
    let count = 0
    for await (const [record, stored] of held()) {
      if (signal.aborted) return
      if (recent.has(nameOfBytes(record))) continue
      await give(record, stored, closest(placeOf(record)))
      count += 1
      await delay(clock, PAUSE_MS, { signal })
    }
    recent.turn()
    if (count > 0) log.debug({ records: count }, 'gave records to the peers closest to them')
  }

  async function rounds(): Promise<void> {
    // The first one anywhere within the interval: nodes that start together do not work together.
    const pauses = ticks(clock, (tick) => intervalMs * shareOf(tick, random()), signal)
    for await (const _tick of pauses) await attempt(republish)
  }

  /** Gives a peer that has come the records that it is close to, where this node is one of those that should. */
  async function giveTo(peer: PeerId): Promise<void> {
    const name = nameOfBytes(peer.toMultihash().bytes)
    for await (const [record, stored] of held()) {
      if (signal.aborted || !isConnected(peer)) return
      const place = placeOf(record)
      const near = closest(place)
      const comer = near.find((each) => each.name === name)
      if (comer === undefined) continue
      const others = near.filter((each) => each !== comer)
      const closer = others.filter((each) => compareDistance(place, each.place, own) < 0)
      if (closer.length < GIVERS) await give(record, stored, [comer])
    }
  }

  async function giveToArrived(): Promise<void> {
    await delay(clock, SETTLE_MS, { signal })
    for (const [name, peer] of arrived) {
      arrived.delete(name)
      await giveTo(peer)
    }
  }

  async function attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (!signal.aborted) log.warn({ error: describeError(error) }, 'records were not given on')
    }
  }

  const onListed = ({ detail: peer }: { detail: PeerId }): void => {
    if (signal.aborted || clock.now() - startedAt < youngMs) return
    arrived.set(peer.toString(), peer)
    giving ??= attempt(giveToArrived).finally(() => {
      giving = null
    })
  }

  return {
    start() {
      startedAt = clock.now()
      wire.kad.routingTable.addEventListener('peer:add', onListed)
      running = rounds()
    },
    heard: (record) => recent.note(nameOfBytes(record)),
    async leave() {
      const late = new AbortController()
      const timer = clock.setTimeout(() => late.abort(), LEAVING_MS)
      const timeOver = new Promise<void>((resolve) =>
        late.signal.addEventListener('abort', () => resolve(), { once: true }),
      )
      const handOver = async (): Promise<void> => {
        const underWay = new Set<Promise<void>>()
        for await (const [record, stored] of held()) {
          if (late.signal.aborted) return
          const near = closest(placeOf(record)).filter(({ peerId }) => isConnected(peerId))
          // The closest have it most likely; the farthest of those that should is the one that lacks it.
          const to = new Set([...near.slice(0, 2), ...near.slice(-1)])
          const one: Promise<void> = give(record, stored, [...to]).finally(() =>
            underWay.delete(one),
          )
          underWay.add(one)
          if (underWay.size >= LEAVING_AT_ONCE) await Promise.race(underWay)
        }
        await Promise.all(underWay)
      }
      await Promise.race([attempt(handOver), timeOver])
      late.abort()
      clock.clearTimeout(timer)
    },
    async stop() {
      ending.abort()
      await running
      await giving
    },
  }
}

/** How much of its interval goes by before a round. */
function shareOf(tick: number, random: number): number {
  return tick === 0 ? random : 1 + JITTER * (2 * random - 1)
}

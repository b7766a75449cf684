import { isRefusal, type KadClient, type Question } from '../kad/client.ts'
import type { Contact } from '../kad/distance.ts'
import { decodeRecord, type WireMessage } from '../kad/message.ts'
import type { Clock } from '../time/clock.ts'

/** Once enough copies are made, the others may take this share of that time more, and at least so long. */
const GRACE_SHARE = 0.25
const LEAST_GRACE_MS = 2
/** How often those who owe an answer are looked at: who is stalled is no peer that a majority needs. */
const LOOK_AGAIN_MS = 250

export interface Spread {
  question: Question
  value: Uint8Array
  /** Closest first. */
  targets: readonly Contact[]
  /** Copies that are wanted at this moment: who is slower than those is not waited for, and goes on in the background. */
  wanted: () => number
  /** Whether the copy of a peer is one of these. */
  counts: (holder: Contact) => boolean
  /** Told of what a peer answered in place of the record: what it holds is another. */
  onOther: (from: Contact, value: Uint8Array) => void
  /** Told of who was reached and wants no part of the record. */
  onRefused: (by: Contact) => void
  signal: AbortSignal
}

/**
 * Has peers store a record, all at once: those that are stalled only where the others are too few. Resolves with the
 * peers that said that they stored it, also where the signal aborts.
 */
export async function spread(
  { client, clock }: { client: KadClient; clock: Clock },
  { question, value, targets, wanted, counts, onOther, onRefused, signal }: Spread,
): Promise<Contact[]> {
  const holders: Contact[] = []
  const isEnough = (): boolean => holders.filter(counts).length >= wanted()
  const lively = targets.filter(({ name }) => !client.pace.isStalled(name))
  const stalled = targets.filter((each) => !lively.includes(each))
  const send = (to: readonly Contact[]): Promise<void> => {
    const since = clock.now()
    return settled(clock, signal, (done, soon) => {
      let open = to.length
      if (open === 0) done()
      const look = (): void => {
        if (open === 0) done()
        else if (isEnough()) {
          soon(Math.max(LEAST_GRACE_MS, GRACE_SHARE * (clock.now() - since)))
        }
      }
      const store = async (contact: Contact): Promise<void> => {
        try {
          const said = valueIn(await client.ask(contact, question))
          if (said === null) return
          if (Buffer.compare(said, value) === 0) holders.push(contact)
          else onOther(contact, said)
        } catch (error) {
          if (isRefusal(error)) onRefused(contact)
          // Why it failed otherwise is in the metrics, and for discovery to say.
        } finally {
          open -= 1
          look()
        }
      }
      for (const contact of to) void store(contact)
      return look
    })
  }
  await send(lively)
  if (!isEnough() && !signal.aborted) await send(stalled)
  return [...holders]
}

/** Resolves when `done` is called, some time after `soon` was, or when the signal aborts. */
async function settled(
  clock: Clock,
  signal: AbortSignal,
  begin: (done: () => void, soon: (afterMs: number) => void) => () => void,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let ending: ReturnType<Clock['setTimeout']> | null = null
  const giveUp = (): void => resolve()
  signal.addEventListener('abort', giveUp, { once: true })
  if (signal.aborted) resolve()
  const look = begin(resolve, (afterMs) => {
    ending ??= clock.setTimeout(resolve, afterMs)
  })
  const lookAgain = (): void => {
    looking = clock.setTimeout(lookAgain, LOOK_AGAIN_MS)
    look()
  }
  let looking = clock.setTimeout(lookAgain, LOOK_AGAIN_MS)
  await promise
  signal.removeEventListener('abort', giveUp)
  clock.clearTimeout(looking)
  if (ending !== null) clock.clearTimeout(ending)
}

/** What a peer says that it holds now: it answers PUT_VALUE with the record itself. Null where it says nothing. */
function valueIn({ record }: WireMessage): Uint8Array | null {
  if (record === undefined) return null
  try {
    return decodeRecord(record).value
  } catch {
    return null
  }
}

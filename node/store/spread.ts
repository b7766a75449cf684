import type { KadClient, Question } from '../kad/client.ts'
import type { Contact } from '../kad/distance.ts'
import { decodeRecord, type WireMessage } from '../kad/message.ts'
import type { Clock } from '../time/clock.ts'

/** Once enough copies are made, the others may take this much of that time again, and at least so long. */
const GRACE_SHARE = 1
const LEAST_GRACE_MS = 10

export interface Spread {
  question: Question
  value: Uint8Array
  /** Closest first. */
  targets: readonly Contact[]
  /** Copies that are wanted: who is slower than those is not waited for, and goes on in the background. */
  wanted: number
  signal: AbortSignal
}

/**
 * Has peers store a record, all at once: those that are stalled only where the others are too few. Resolves with the
 * peers that said that they stored it, also where the signal aborts.
 */
export async function spread(
  { client, clock }: { client: KadClient; clock: Clock },
  { question, value, targets, wanted, signal }: Spread,
): Promise<Contact[]> {
  const holders: Contact[] = []
  const lively = targets.filter(({ name }) => !client.pace.isStalled(name))
  const stalled = targets.filter((each) => !lively.includes(each))
  const send = (to: readonly Contact[]): Promise<void> => {
    const since = clock.now()
    return settled(clock, signal, (done, soon) => {
      let open = to.length
      if (open === 0) done()
      const store = async (contact: Contact): Promise<void> => {
        try {
          if (isCopy(await client.ask(contact, question), value)) holders.push(contact)
          if (holders.length === wanted) {
            soon(Math.max(LEAST_GRACE_MS, GRACE_SHARE * (clock.now() - since)))
          }
        } catch {
          // Why it failed is in the metrics, and for discovery to say.
        }
        open -= 1
        if (open === 0) done()
      }
      for (const contact of to) void store(contact)
    })
  }
  await send(lively)
  if (holders.length < wanted && !signal.aborted) await send(stalled)
  return [...holders]
}

/** Resolves when `done` is called, some time after `soon` was, or when the signal aborts. */
async function settled(
  clock: Clock,
  signal: AbortSignal,
  begin: (done: () => void, soon: (afterMs: number) => void) => void,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let timer: ReturnType<Clock['setTimeout']> | null = null
  const giveUp = (): void => resolve()
  signal.addEventListener('abort', giveUp, { once: true })
  if (signal.aborted) resolve()
  begin(resolve, (afterMs) => {
    timer ??= clock.setTimeout(resolve, afterMs)
  })
  await promise
  signal.removeEventListener('abort', giveUp)
  if (timer !== null) clock.clearTimeout(timer)
}

/** True where a peer said that it stored the record: it answers PUT_VALUE with the record itself. */
function isCopy({ record }: WireMessage, value: Uint8Array): boolean {
  if (record === undefined) return false
  try {
    return Buffer.compare(decodeRecord(record).value, value) === 0
  } catch {
    return false
  }
}

import type { Clock, Timer } from '../time/clock.ts'
import type { KadClient, Question } from './client.ts'
import { compareDistance, type Contact } from './distance.ts'
import type { WireMessage } from './message.ts'

export interface LookupComponents {
  client: KadClient
  clock: Clock
  /** The listed contacts closest to a place, closest first. */
  closestListed: (place: Uint8Array, count: number) => Contact[]
  /** Contacts that an answer names, in so far as they can be asked. */
  contactsIn: (answer: WireMessage) => Promise<Contact[]> | Contact[]
}

export interface Lookup {
  /** The place that is looked for. */
  place: Uint8Array
  question: Question
  /** Closest contacts that are wanted: Kademlia's k. */
  count: number
  /** The lookup has ended when so many of the closest contacts have answered, and named none that is closer. */
  enough: number
  /** Of so many closest contacts, how many must have answered before the others are given up as late. Default: none. */
  quorum?: (contacts: number) => number
  /** Questions under way at a time: Kademlia's alpha. */
  parallel: number
  /** Ends the lookup by returning true. */
  onAnswer?: (from: Contact, answer: WireMessage) => boolean
  signal: AbortSignal
}

export interface LookupResult {
  /** The closest contacts that have not failed, closest first; those that are stalled come last. */
  closest: Contact[]
  /** Contacts among the closest that have answered. */
  answered: Contact[]
  /** How many contacts are the closest, those that have not answered or have failed among them. */
  asked: number
  /** Contacts among these that have not answered, or have failed. */
  silent: Contact[]
}

type State = 'heard-of' | 'asked' | 'late' | 'answered' | 'failed'

interface Candidate {
  readonly contact: Contact
  state: State
  /** Its answer is still to come. */
  open: boolean
}

/**
 * Kademlia's lookup, over the routing table that is there: asks the contacts closest to a place for closer ones until
 * the closest have all answered. One that is slow is not waited for: the next is asked beside, and its answer still
 * counts where it comes in time.
 *
 * @throws the signal's reason where it aborts.
 */
export async function lookUp(components: LookupComponents, lookup: Lookup): Promise<LookupResult> {
  lookup.signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const running = new RunningLookup(components, lookup, (error) => {
      lookup.signal.removeEventListener('abort', giveUp)
      if (error === null) resolve(running.result())
      else reject(error)
    })
    const giveUp = (): void => running.end(lookup.signal.reason as Error)
    lookup.signal.addEventListener('abort', giveUp, { once: true })
    running.begin()
  })
}

class RunningLookup {
  readonly #components: LookupComponents
  readonly #lookup: Lookup
  readonly #onEnd: (error: Error | null) => void
  /** Closest first. */
  readonly #candidates: Candidate[] = []
  readonly #known = new Set<string>()
  readonly #timers = new Set<Timer>()
  #ended = false

  constructor(components: LookupComponents, lookup: Lookup, onEnd: (error: Error | null) => void) {
    this.#components = components
    this.#lookup = lookup
    this.#onEnd = onEnd
  }

  begin(): void {
    const { place, count } = this.#lookup
    this.#add(this.#components.closestListed(place, count))
    this.#step()
  }

  end(error: Error | null): void {
    if (this.#ended) return
    this.#ended = true
    for (const timer of this.#timers) this.#components.clock.clearTimeout(timer)
    this.#onEnd(error)
  }

  result(): LookupResult {
    const { pace } = this.#components.client
    const closest = this.#closest()
    const isStalled = ({ contact }: Candidate): boolean => pace.isStalled(contact.name)
    const ordered = [...closest.filter((each) => !isStalled(each)), ...closest.filter(isStalled)]
    const answered = closest.filter(({ state }) => state === 'answered')
    const asked = this.#candidates.slice(0, this.#lookup.count)
    const silent = asked.filter(({ state }) => state !== 'answered')
    return {
      closest: contactsOf(ordered),
      answered: contactsOf(answered),
      asked: asked.length,
      silent: contactsOf(silent),
    }
  }

  /** The closest candidates that have not failed. */
  #closest(): Candidate[] {
    return this.#candidates.filter(({ state }) => state !== 'failed').slice(0, this.#lookup.count)
  }

  #add(contacts: readonly Contact[]): void {
    const { place } = this.#lookup
    const { pace } = this.#components.client
    for (const contact of contacts) {
      if (this.#known.has(contact.name)) continue
      this.#known.add(contact.name)
      // One that is stalled is asked where it is time to try again, and never waited for.
      const late = pace.isStalled(contact.name)
      const candidate: Candidate = { contact, state: late ? 'late' : 'heard-of', open: false }
      const index = this.#candidates.findIndex(
        (each) => compareDistance(place, contact.place, each.contact.place) < 0,
      )
      this.#candidates.splice(index < 0 ? this.#candidates.length : index, 0, candidate)
      if (late && pace.mayTryAgain(contact.name)) void this.#ask(candidate)
    }
  }

  /** Asks who is next, and ends where nobody is. */
  #step(): void {
    if (this.#ended) return
    const { enough, parallel } = this.#lookup
    const alive = this.#candidates.filter(({ state }) => state !== 'failed' && state !== 'late')
    const needed = alive.slice(0, enough)
    if (needed.every(({ state }) => state === 'answered')) {
      if (this.#isQuorate()) this.end(null)
      return
    }
    let asked = alive.filter(({ state }) => state === 'asked').length
    for (const candidate of needed) {
      if (asked >= parallel) return
      if (candidate.state !== 'heard-of') continue
      candidate.state = 'asked'
      asked += 1
      void this.#ask(candidate)
    }
  }

  /** True where those who are late can be left alone, or nobody is; otherwise they are asked, and waited for. */
  #isQuorate(): boolean {
    const { count, quorum } = this.#lookup
    if (quorum === undefined) return true
    const closest = this.#candidates.slice(0, count)
    const answered = closest.filter(({ state }) => state === 'answered').length
    if (answered >= quorum(closest.length)) return true
    const late = this.#candidates.filter(({ state }) => state === 'late')
    for (const candidate of late) if (!candidate.open) void this.#ask(candidate)
    return late.length === 0
  }

  async #ask(candidate: Candidate): Promise<void> {
    const { client, clock, contactsIn } = this.#components
    const { question, onAnswer } = this.#lookup
    const { contact } = candidate
    const timer = clock.setTimeout(() => {
      if (candidate.state !== 'asked') return
      candidate.state = 'late'
      this.#step()
    }, client.pace.lateMs)
    this.#timers.add(timer)
    candidate.open = true
    try {
      const answer = await client.ask(contact, question)
      const closer = await contactsIn(answer)
      if (this.#ended) return
      candidate.state = 'answered'
      this.#add(closer)
      if (onAnswer?.(contact, answer) === true) this.end(null)
    } catch {
      candidate.state = 'failed'
    } finally {
      candidate.open = false
      clock.clearTimeout(timer)
      this.#timers.delete(timer)
    }
    this.#step()
  }
}

function contactsOf(candidates: readonly Candidate[]): Contact[] {
  return candidates.map(({ contact }) => contact)
}

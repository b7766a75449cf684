import type { Clock, Timer } from '../time/clock.ts'
import type { KadClient, Question } from './client.ts'
import { isOfCrowd, type Picked, pickDiverse, type Whereabouts } from './crowd.ts'
import { compareDistance, type Contact } from './distance.ts'
import type { WireMessage } from './message.ts'

export interface LookupComponents {
  client: KadClient
  clock: Clock
  /** The listed contacts closest to a place, closest first. */
  closestListed: (place: Uint8Array, count: number) => Contact[]
  /** Contacts that an answer names, in so far as they can be asked. */
  contactsIn: (answer: WireMessage) => Promise<Contact[]> | Contact[]
  /** Where a contact is. */
  whereIs: (contact: Contact) => Whereabouts
  /** A lookup left peers of a crowd aside. */
  onCrowd?: () => void
}

export interface Lookup {
  /** The place that is looked for. */
  place: Uint8Array
  question: Question
  /** Closest contacts that are wanted: Kademlia's k. */
  count: number
  /**
   * The lookup has ended when so many of the closest contacts have answered, and named none that is closer; and as many of
   * those outside of crowds.
   */
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
  /** Contacts among the closest whose word counts: those outside of crowds, or everybody. */
  witnesses: Contact[]
  /** How many witnesses are the closest, those that have not answered or have failed among them. */
  asked: number
  /** Witnesses among these that have not answered, or have failed. */
  silent: Contact[]
  /** Peers of one host or network had more places than their share, and were left aside. */
  isCrowded: boolean
}

type State = 'heard-of' | 'asked' | 'late' | 'answered' | 'failed'

interface Candidate {
  readonly contact: Contact
  state: State
  /** Its answer is still to come. */
  open: boolean
  /** Who named it; null where it is listed here. */
  readonly namedBy: Set<Candidate> | null
}

/**
 * Kademlia's lookup, over the routing table that is there: asks the contacts closest to a place for closer ones until
 * the closest have all answered. One that is slow is not waited for: the next is asked beside, and its answer still
 * counts where it comes in time. Peers of one host or network that crowd around the place are bounded, and what they say
 * ends no lookup: nobody else would be found.
 *
 * @throws the signal's reason where it aborts.
 */
export async function lookUp(components: LookupComponents, lookup: Lookup): Promise<LookupResult> {
  lookup.signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const running = new RunningLookup(components, lookup, (error) => {
      lookup.signal.removeEventListener('abort', giveUp)
      if (error === null) {
        const result = running.result()
        if (result.isCrowded) components.onCrowd?.()
        resolve(result)
      } else reject(error)
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
  readonly #known = new Map<string, Candidate>()
  readonly #timers = new Set<Timer>()
  #ended = false

  constructor(components: LookupComponents, lookup: Lookup, onEnd: (error: Error | null) => void) {
    this.#components = components
    this.#lookup = lookup
    this.#onEnd = onEnd
  }

  begin(): void {
    const { place, count } = this.#lookup
    this.#add(this.#components.closestListed(place, count), null)
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
    const near = closest.chosen
    const isStalled = ({ contact }: Candidate): boolean => pace.isStalled(contact.name)
    const ordered = [...near.filter((each) => !isStalled(each)), ...near.filter(isStalled)]
    const answered = near.filter(({ state }) => state === 'answered')
    const asked = this.#asked()
    const silent = asked.filter(({ state }) => state !== 'answered')
    return {
      closest: contactsOf(ordered),
      answered: contactsOf(answered),
      witnesses: contactsOf(closest.witnesses),
      asked: asked.length,
      silent: contactsOf(silent),
      isCrowded: closest.witnesses.length < near.length,
    }
  }

  /** The closest candidates that have not failed. */
  #closest(): Picked<Candidate> {
    return this.#pickBelieved(this.#candidates.filter(({ state }) => state !== 'failed'))
  }

  /** The closest candidates whose word counts, those that have failed among them. */
  #asked(): Candidate[] {
    return this.#pickBelieved(this.#candidates).witnesses
  }

  /** Picks anew without those of whom only the crowds speak that a first look found. */
  #pickBelieved(closestFirst: readonly Candidate[]): Picked<Candidate> {
    const picked = this.#pick(closestFirst)
    if (picked.crowds.size === 0) return picked
    return this.#pick(closestFirst.filter((each) => this.#isBelieved(each, picked)))
  }

  #pick(closestFirst: readonly Candidate[], isWanted?: (each: Candidate) => boolean) {
    const { count } = this.#lookup
    const whereIs = ({ contact }: Candidate): Whereabouts => this.#components.whereIs(contact)
    return pickDiverse(closestFirst, { count, whereIs, ...(isWanted && { isWanted }) })
  }

  /** False for one that has not answered, and of which nobody else than a crowd has spoken. */
  #isBelieved({ state, namedBy }: Candidate, { crowds }: Picked<Candidate>): boolean {
    if (state === 'answered' || namedBy === null) return true
    const { whereIs } = this.#components
    return [...namedBy].some(({ contact }) => !isOfCrowd(whereIs(contact), crowds))
  }

  #add(contacts: readonly Contact[], by: Candidate | null): void {
    const { place } = this.#lookup
    const { pace } = this.#components.client
    for (const contact of contacts) {
      const known = this.#known.get(contact.name)
      if (known !== undefined) {
        if (by !== null) known.namedBy?.add(by)
        continue
      }
      // One that is stalled is asked where it is time to try again, and never waited for.
      const late = pace.isStalled(contact.name)
      const namedBy = by === null ? null : new Set([by])
      const state = late ? 'late' : 'heard-of'
      const candidate: Candidate = { contact, state, open: false, namedBy }
      this.#known.set(contact.name, candidate)
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
    const alive = this.#candidates.filter(({ state }) => state !== 'failed')
    const picked = this.#pick(alive, ({ state }) => state !== 'late')
    const needed = new Set([
      ...picked.chosen.slice(0, enough),
      ...picked.witnesses.slice(0, enough),
    ])
    if ([...needed].every(({ state }) => state === 'answered')) {
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
    const { quorum } = this.#lookup
    if (quorum === undefined) return true
    const closest = this.#asked()
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
      this.#add(closer, candidate)
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

import type { PeerId } from '@libp2p/interface'
import type { KadClient } from '#node/kad/client.ts'
import { Contacts, compareDistance, type Contact, placeOf } from '#node/kad/distance.ts'
import { FrameReader } from '#node/kad/frames.ts'
import { lookUp } from '#node/kad/lookup.ts'
import {
  decodeMessage,
  encodeFrame,
  type MessageType,
  type WireMessage,
  type WirePeer,
} from '#node/kad/message.ts'
import { Pace } from '#node/kad/pace.ts'
import { StreamEndedError } from '#node/kad/question.ts'
import type { KadWire, WireHandler } from '#node/kad/wire.ts'
import type { KadInternals } from '#node/patches/kad-internals.ts'
import type { LifeClock } from './life-clock.ts'

/** Time for one question. */
const REQUEST_MS = 1000
const LONGEST_MESSAGE = 256 * 1024

/** What became of a question: an answer, or the other side refused it, or there is none. */
export type Asked = { readonly answer: Uint8Array } | 'refused' | 'gone'

export interface LightWireInit {
  peerId: PeerId
  clock: LifeClock
  /** Kademlia's k. */
  count: number
  /** Never settles where the question or its answer is lost. */
  send: (to: Contact, frame: Uint8Array) => Promise<Asked>
  /** True where a connection leads to a peer. */
  isConnected: (name: string) => boolean
}

/**
 * The store's wire without libp2p beneath it: kadlab's own lookup, pace and messages over a routing table that knows
 * everybody whom it was told of.
 */
export class LightWire {
  readonly contact: Contact
  readonly #init: LightWireInit
  readonly #contacts = new Contacts()
  readonly #listed = new Map<string, Contact>()
  readonly #handlers = new Map<MessageType, WireHandler>()
  readonly #table = new EventTarget()
  readonly #client: KadClient

  constructor(init: LightWireInit) {
    this.#init = init
    this.contact = this.#contacts.of(init.peerId)
    const isAway = (name: string): boolean => this.isListed(name) && !init.isConnected(name)
    const pace = new Pace(init.clock, isAway)
    this.#client = {
      pace,
      ask: (to, { frame }) => this.#ask(pace, to, frame),
      tell: async (to, { frame }) => void (await this.#ask(pace, to, frame)),
      stop: () => {},
    }
  }

  get listed(): string[] {
    return [...this.#listed.keys()]
  }

  isListed(name: string): boolean {
    return this.#listed.has(name)
  }

  list(contact: Contact): void {
    if (this.isListed(contact.name) || contact.name === this.contact.name) return
    this.#listed.set(contact.name, contact)
    this.#table.dispatchEvent(new CustomEvent('peer:add', { detail: contact.peerId }))
  }

  unlist(name: string): void {
    this.#listed.delete(name)
  }

  /** Answers a question of another peer. Rejects with what it refuses. */
  async answer(from: Contact, frame: Uint8Array): Promise<Uint8Array> {
    this.#client.pace.heard(from.name)
    const message = open(frame)
    const answer = await this.#handlers.get(message.type)?.(from.peerId, message)
    if (answer === undefined) throw new Error(`nothing answers ${message.type}`)
    return encodeFrame(answer)
  }

  /** As the store takes it. */
  get wire(): KadWire {
    const { count, clock, peerId } = this.#init
    const closestListed = (place: Uint8Array, most: number): Contact[] =>
      [...this.#listed.values()]
        .toSorted((one, other) => compareDistance(place, one.place, other.place))
        .slice(0, most)
    const contactsIn = ({ closer }: WireMessage): Contact[] =>
      closer
        .map(({ id }) => this.#contacts.ofBytes(id))
        .filter(({ name }) => name !== this.contact.name)
    const client = this.#client
    const listed = (): number => this.#listed.size
    return {
      client,
      kad: this.#kad(peerId),
      count,
      get listed() {
        return listed()
      },
      lookUp: (lookup) =>
        lookUp({ client, clock, closestListed, contactsIn, whereIs: () => [] }, lookup),
      answer: (type, handler) => void this.#handlers.set(type, handler),
      closestListed,
      closestTo: async (key, asker): Promise<WirePeer[]> =>
        closestListed(placeOf(key), count + 1)
          .filter((each) => !each.peerId.equals(asker))
          .slice(0, count)
          .map((each) => ({ id: each.peerId.toMultihash().bytes, multiaddrs: [] })),
      onRpc: () => {},
      stop: () => {},
    }
  }

  /** What the store asks of kad-dht itself. */
  #kad(peerId: PeerId): KadInternals {
    const parts = {
      components: { peerId, addressManager: { getAddresses: () => [] } },
      peerInfoMapper: (peer: unknown) => peer,
      routingTable: this.#table,
    }
    return parts as unknown as KadInternals
  }

  async #ask(pace: Pace, to: Contact, frame: Uint8Array): Promise<WireMessage> {
    const { clock, send } = this.#init
    const since = clock.now()
    pace.asked(to.name)
    const late = Promise.withResolvers<'late'>()
    const timer = clock.setTimeout(() => late.resolve('late'), REQUEST_MS)
    const asked = await Promise.race([send(to, frame), late.promise])
    clock.clearTimeout(timer)
    if (asked === 'late') pace.timedOut(to.name)
    else if (asked === 'gone') pace.failed(to.name)
    else pace.answered(to.name, clock.now() - since)
    if (typeof asked !== 'string') return open(asked.answer)
    if (asked === 'refused') throw new StreamEndedError('the other side refused it')
    throw new Error(asked === 'late' ? `no answer within ${REQUEST_MS} ms` : 'nobody is there')
  }
}

function open(frame: Uint8Array): WireMessage {
  const [message] = new FrameReader(LONGEST_MESSAGE).push(frame)
  if (message === undefined) throw new Error('not a whole message')
  return decodeMessage(message)
}

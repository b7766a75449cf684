import { once } from 'node:events'
import { createConnection, createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PeerId, Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { encodeFrame, encodeRecord, type WirePeer } from '#node/kad/message.ts'
import { varintBytes } from '#node/kad/protobuf.ts'
import { connect, openHost, openKadStream, type Target } from './attacker-host.ts'
import { keepSilent, lie, openCrowd } from './crowd.ts'
import { askAsForeignPage, openEventStreams, sendEndlessBodies } from './http-attacks.ts'

/** What an attacker does until its signal ends it; what fails meanwhile is what the attacked node refuses. */
export interface Attack {
  /** What happens, for people. */
  about: string
  /** Processes that do it, each from an address of its own. Default 1. */
  attackers?: number
  run: (target: Target) => Promise<void>
}

/** Where attackers that are to be listed listen. */
const LISTEN_PORT = 4001
/** The first of the ports at which nothing is ever said. */
const SILENT_PORT = 10_000
/** Nearly as long as the longest message that a node takes. */
const LONG_BYTES = 79_000

export const ATTACKS = {
  nothing: {
    about: 'nobody attacks: what the figures below would be without their attack',
    run: async ({ signal }) => untilAborted(signal),
  },
  'silent-connections': {
    about: '600 connections that say nothing, opened anew as soon as one ends',
    run: async (target) => holdSockets(target, 600),
  },
  'connection-storm': {
    about: '1,000 connections a second, opened and closed',
    run: async (target) => {
      while (!target.signal.aborted) {
        for (let count = 0; count < 20; count += 1)
          openSocket(target).once('connect', function close(this: Socket) {
            this.destroy()
          })
        await pause(20, target.signal)
      }
    },
  },
  'half-frames': {
    about: '120 Kademlia messages each that never come to their end, from three hosts',
    attackers: 3,
    run: async (target) => {
      const libp2p = await openHost(target)
      const connection = await connect(libp2p, target)
      const half = Buffer.concat([varintBytes(LONG_BYTES + 1), Buffer.alloc(LONG_BYTES)])
      const hold = async (): Promise<void> => {
        while (!target.signal.aborted) {
          const stream = await openKadStream(connection, target.signal)
          stream.send(half)
          await ended(stream, target.signal)
        }
      }
      await Promise.allSettled(Array.from({ length: 120 }, hold))
    },
  },
  'long-garbage': {
    about: 'messages of 79 KB that are none, over 120 streams, as fast as it goes',
    run: async (target) =>
      flood(target, () => Buffer.concat([varintBytes(LONG_BYTES), Buffer.alloc(LONG_BYTES)]), 120),
  },
  'open-streams': {
    about: '10,000 Kademlia streams left open over 40 connections',
    run: async (target) => {
      const libp2p = await openHost(target)
      for (let count = 0; count < 40; count += 1) {
        const connection = await connect(libp2p, target).catch(() => null)
        const opening = Array.from(
          { length: 250 },
          async () => connection && openKadStream(connection, target.signal),
        )
        await Promise.allSettled(opening)
      }
      await untilAborted(target.signal)
    },
  },
  'find-node-flood': {
    about: 'FIND_NODE as fast as it goes, over 64 streams',
    run: async (target) =>
      flood(target, () => encodeFrame({ type: 'FIND_NODE', key: randomKey() })),
  },
  'record-flood': {
    about: 'PUT_VALUE of 8 KiB under ever new keys as fast as it goes, over 64 streams',
    run: async (target) =>
      flood(target, () => {
        const key = Buffer.from(`/kv/${Math.random()}`)
        return encodeFrame({ type: 'PUT_VALUE', key, record: recordOf(key, 8000) })
      }),
  },
  'names-of-javascript': {
    about: 'PUT_VALUE of 60 KiB under /constructor/…, /toString/… and /pk/<own peer id>',
    run: async (target) =>
      flood(target, (own) => {
        const names = ['/constructor/', '/toString/', '/pk/']
        const name = names[Math.floor(Math.random() * names.length)] ?? ''
        const rest = name === '/pk/' ? own.toMultihash().bytes : Buffer.from(`${Math.random()}`)
        const key = Buffer.concat([Buffer.from(name), rest])
        return encodeFrame({ type: 'PUT_VALUE', key, record: recordOf(key, 60_000) })
      }),
  },
  'provider-flood': {
    about: 'ADD_PROVIDER under ever new keys, 50 on each of ever new streams, 16 at a time',
    run: async (target) => {
      const libp2p = await openHost(target, { listenPort: LISTEN_PORT })
      const connection = await connect(libp2p, target)
      const { bytes: id } = libp2p.peerId.toMultihash()
      const { bytes: address } = multiaddr(`/ip4/${target.host}/tcp/${LISTEN_PORT}`)
      const providers = [{ id, multiaddrs: [address] }]
      const tell = async (): Promise<void> => {
        while (!target.signal.aborted) {
          const stream = await openKadStream(connection, target.signal)
          for (let count = 0; count < 50; count += 1) {
            // A multihash of SHA-256, as a key of providers is.
            const key = Buffer.concat([Buffer.of(0x12, 0x20), randomKey()])
            stream.send(encodeFrame({ type: 'ADD_PROVIDER', key, providers }))
          }
          await stream.close().catch(() => {})
          await ended(stream, target.signal)
        }
      }
      await Promise.allSettled(Array.from({ length: 16 }, tell))
    },
  },
  'long-answers': {
    about:
      'a listed peer that names 10,000 peers of 100 addresses: loopback, private, multicast, the asker itself',
    run: async (target) => {
      const answer = longAnswer(target.address)
      const libp2p = await openHost(target, {
        listenPort: LISTEN_PORT,
        onKad: (stream) => {
          stream.addEventListener('message', () => {
            for (let at = 0; at < answer.byteLength; at += 60_000)
              stream.send(answer.subarray(at, at + 60_000))
          })
        },
      })
      await connect(libp2p, target)
      await untilAborted(target.signal)
    },
  },
  'identify-pushes': {
    about: '100 identify pushes a second',
    run: async (target) => {
      const libp2p = await openHost(target, { listenPort: LISTEN_PORT })
      await connect(libp2p, target)
      const { push } = libp2p.services as { push?: { push(): Promise<void> } }
      while (!target.signal.aborted) {
        void push?.push().catch(() => {})
        await pause(10, target.signal)
      }
    },
  },
  'dead-addresses': {
    about:
      'a peer that announces 300 addresses at which nothing is ever said, is listed, and ends its connection, again and again',
    run: async (target) => {
      await holdSilentPorts(target, 300)
      const announce = Array.from(
        { length: 300 },
        (_, at) => `/ip4/${target.host}/tcp/${SILENT_PORT + at}`,
      )
      const libp2p = await openHost(target, { listenPort: LISTEN_PORT, announce, onKad: () => {} })
      while (!target.signal.aborted) {
        const connection = await connect(libp2p, target).catch(() => null)
        await pause(2000, target.signal)
        connection?.abort(new Error('gone'))
      }
    },
  },
  'long-identify': {
    about: 'a peer whose identify says 8,000 addresses, sent anew with each of 10 pushes a second',
    run: async (target) => {
      const announce = Array.from(
        { length: 2500 },
        (_, at) => `/ip4/${target.host}/tcp/${10_000 + at}`,
      )
      const libp2p = await openHost(target, { listenPort: LISTEN_PORT, announce, onKad: () => {} })
      const connection = await connect(libp2p, target)
      const message = longIdentify(target.host)
      while (!target.signal.aborted) {
        const stream = await connection
          .newStream('/ipfs/id/push/1.0.0', { signal: target.signal })
          .catch(() => null)
        for (const frame of message) stream?.send(frame)
        await stream?.close().catch(() => {})
        await pause(100, target.signal)
      }
    },
  },
  'one-peer-many-connections': {
    about: '1,200 connections of one peer id, from eight hosts of it at a time',
    run: async (target) => {
      const privateKey = await generateKeyPair('Ed25519')
      // libp2p joins dials that are under way to the same peer: each host dials one after the other.
      await Promise.all(
        Array.from({ length: 8 }, async () => {
          const libp2p = await openHost(target, { privateKey })
          for (let count = 0; count < 150 && !target.signal.aborted; count += 1) {
            await connect(libp2p, target).catch(() => {})
          }
        }),
      )
      await untilAborted(target.signal)
    },
  },
  sybils: {
    about:
      '100 peers of one host that answer pings and identify, and no question, connected to every honest node',
    run: async (target) => {
      await openCrowd(target, { count: 100, firstPort: LISTEN_PORT, onKad: keepSilent })
      await untilAborted(target.signal)
    },
  },
  'lying-sybils': {
    about:
      '100 peers of one host, closest to nearly every key, that say they store, have nothing, and know nobody but each other',
    run: async (target) => {
      await openCrowd(target, { count: 100, firstPort: LISTEN_PORT, onKad: lie })
      await untilAborted(target.signal)
    },
  },
  'endless-bodies': {
    about: 'over HTTP, 50 bodies that never end and 50 dials of 50 MB, sent anew once refused',
    run: async ({ signal }) => sendEndlessBodies(signal),
  },
  'event-streams': {
    about: 'over HTTP, 500 streams of events',
    run: async ({ signal }) => openEventStreams(signal),
  },
  'foreign-pages': {
    about: 'over HTTP, what a page of another site can send, as fast as it goes, 32 at a time',
    run: async ({ signal }) => askAsForeignPage(signal),
  },
} as const satisfies Record<string, Attack>

export type AttackName = keyof typeof ATTACKS
export const ATTACK_NAMES = Object.keys(ATTACKS) as AttackName[]

function openSocket({ address }: Target): Socket {
  const [, , host = '', , port = ''] = address.split('/')
  return createConnection({ host, port: Number(port) }).on('error', () => {})
}

async function holdSockets(target: Target, count: number): Promise<void> {
  const again = (): void => {
    if (target.signal.aborted) return
    const socket = openSocket(target).resume()
    // An attacker that is turned away at once still has to wait for its machine.
    socket.once('close', () => setTimeout(again, 5))
  }
  for (let index = 0; index < count; index += 1) again()
  await untilAborted(target.signal)
}

/** Takes connections on ports of the attacker's, and never says a word. */
async function holdSilentPorts({ host }: Target, count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) {
    const server = createServer((socket) => socket.on('error', () => {}).resume())
    server.listen(SILENT_PORT + at, host)
    await once(server, 'listening')
  }
}

/** Identify in ten frames of nearly 8 KiB, which is all that js-libp2p reads of one stream. */
function longIdentify(host: string): Uint8Array[] {
  const frames: Uint8Array[] = []
  for (let frame = 0; frame < 10; frame += 1) {
    const fields = Array.from({ length: 800 }, (_, at) => {
      const { bytes } = multiaddr(`/ip4/${host}/tcp/${1000 + frame * 800 + at}`)
      return Buffer.concat([Buffer.of(0x12, bytes.byteLength), bytes])
    })
    const message = Buffer.concat(fields)
    const length = Buffer.of((message.byteLength & 0x7f) | 0x80, message.byteLength >> 7)
    frames.push(Buffer.concat([length, message]))
  }
  return frames
}

/** Sends a message on each of some streams, and the next when it was answered or the stream has ended. */
async function flood(
  target: Target,
  make: (own: PeerId) => Uint8Array,
  streams = 64,
): Promise<void> {
  const libp2p = await openHost(target)
  const connection = await connect(libp2p, target)
  const ask = async (): Promise<void> => {
    while (!target.signal.aborted) {
      const stream = await openKadStream(connection, target.signal)
      const answered = new Promise((resolve) => stream.addEventListener('message', resolve))
      stream.send(make(libp2p.peerId))
      await Promise.race([answered, ended(stream, target.signal)])
      await stream.close().catch(() => {})
    }
  }
  await Promise.allSettled(Array.from({ length: streams }, ask))
}

async function ended(stream: Stream, signal: AbortSignal): Promise<void> {
  await Promise.race([
    new Promise((resolve) => stream.addEventListener('close', resolve)),
    untilAborted(signal),
  ])
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {})
}

function randomKey(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(32))
}

function recordOf(key: Uint8Array, bytes: number): Uint8Array {
  return encodeRecord({ key, value: Buffer.alloc(bytes, 'x') })
}

function longAnswer(own: string): Uint8Array {
  const hosts = ['127.0.0.1', '10.9.8.7', '192.168.3.4', '224.0.0.1', '11.66.0.9']
  const multiaddrs = Array.from(
    { length: 100 },
    (_, at) => multiaddr(`/ip4/${hosts[at % hosts.length]}/tcp/${1000 + at}`).bytes,
  )
  const ids = Array.from({ length: 10_000 }, () =>
    Buffer.concat([Buffer.from('002408011220', 'hex'), randomKey()]),
  )
  const closer: WirePeer[] = ids.map((id) => ({ id, multiaddrs }))
  const [, asker = ''] = own.split('/p2p/')
  closer.unshift({ id: peerIdFromString(asker).toMultihash().bytes, multiaddrs })
  return encodeFrame({ type: 'FIND_NODE', closer })
}

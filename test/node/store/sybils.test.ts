import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import type { Libp2p, PrivateKey, Stream } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { ping } from '@libp2p/ping'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { silentLog } from '#node/base/log.ts'
import { parseConfig } from '#node/config/config.ts'
import { compareDistance, placeOf } from '#node/kad/distance.ts'
import { FrameReader } from '#node/kad/frames.ts'
import { decodeMessage, encodeFrame, type WireMessage, type WirePeer } from '#node/kad/message.ts'
import { createNode, type KadlabNode } from '#node/node.ts'
import { MemoryNetwork } from '#test/node/memory-network.ts'
import { listEachOther } from '#test/support/node-events.ts'

const KAD = '/ipfs/kad/1.0.0'
const SYBIL_HOST = '12.6.6.6'
const SYBILS = 24
const HONEST = 5
const KEY = 'wanted'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/**
 * Honest nodes, each on a network of its own, and peers of one host whose ids were chosen to be closer to a key than any
 * of them. These answer whatever they are asked: that they store, that there is nothing, and that nobody but they are near.
 */
describe('peers of one host that crowd around a key and lie', () => {
  let crowd: Crowd
  before(async () => (crowd = await crowdAround(KEY)))
  after(async () => crowd[Symbol.asyncDispose]())

  it('do not make a value out to be missing that one honest peer holds', async () => {
    const [writer, reader] = crowd.honest
    await writer.api.put(KEY, utf8('one'), { replicas: 0 })
    equal(await read(reader), 'one')
  })

  it('neither keep a value from those who are to store it, nor hide it from those who look', async () => {
    const [writer, ...others] = crowd.honest
    const { holders } = await writer.api.put(KEY, utf8('two'))
    const honest = new Set(crowd.honest.map(({ peerId }) => peerId))
    const lied = holders.filter((holder) => !honest.has(holder))
    ok(lied.length <= 5, `${lied.length} of one host were believed`)
    ok(holders.length - lied.length > others.length / 2, `${holders.length - lied.length} honest`)
    for (const node of others) equal(await read(node), 'two')
  })
})

async function read({ api }: KadlabNode): Promise<string | null> {
  const found = await api.get(KEY)
  return found === null ? null : Buffer.from(found.value).toString()
}

interface Crowd extends AsyncDisposable {
  honest: [KadlabNode, KadlabNode, ...KadlabNode[]]
}

async function crowdAround(key: string): Promise<Crowd> {
  await using stack = new AsyncDisposableStack()
  const network = new MemoryNetwork()
  const honest: KadlabNode[] = []
  for (let index = 0; index < HONEST; index += 1) {
    const address = `11.${index}.0.1`
    const bootstrap =
      honest[0] === undefined ? null : `/ip4/11.0.0.1/tcp/3000/p2p/${honest[0].peerId}`
    const node = await createNode(
      parseConfig({
        PUBLIC_IP: address,
        LISTEN_PORT: '3000',
        ...(bootstrap === null ? {} : { BOOTSTRAP: bootstrap }),
      }),
      { log: silentLog, transport: network.transport({ address }) },
    )
    stack.use(node)
    await node.start()
    honest.push(node)
  }
  for (const [index, node] of honest.entries()) {
    for (const other of honest.slice(0, index)) await listEachOther(node, other)
  }
  const keys = await keysCloseTo(placeOf(utf8(`/kv/${key}`)))
  const sybils = new Set<string>()
  const told: WirePeer[] = keys.map((each, index) => ({
    id: peerIdFromPrivateKey(each).toMultihash().bytes,
    multiaddrs: [multiaddr(`/ip4/${SYBIL_HOST}/tcp/${4000 + index}`).bytes],
  }))
  for (const [index, privateKey] of keys.entries()) {
    const sybil = await startSybil(network, { privateKey, port: 4000 + index, told })
    stack.defer(async () => sybil.stop())
    sybils.add(sybil.peerId.toString())
  }
  for (const node of honest) await listsAll(node, sybils)
  const kept = stack.move()
  const [first, second, ...others] = honest
  if (first === undefined || second === undefined) throw new Error('too few')
  return {
    honest: [first, second, ...others],
    [Symbol.asyncDispose]: async () => kept.disposeAsync(),
  }
}

/** As an attacker does it: of many keys those whose peer ids are closest. */
async function keysCloseTo(place: Uint8Array): Promise<PrivateKey[]> {
  const keys = await Promise.all(
    Array.from({ length: 20 * SYBILS }, async () => generateKeyPair('Ed25519')),
  )
  const placed = keys.map((key) => ({
    key,
    place: placeOf(peerIdFromPrivateKey(key).toMultihash().bytes),
  }))
  return placed
    .toSorted((one, other) => compareDistance(place, one.place, other.place))
    .slice(0, SYBILS)
    .map(({ key }) => key)
}

async function startSybil(
  network: MemoryNetwork,
  { privateKey, port, told }: { privateKey: PrivateKey; port: number; told: WirePeer[] },
): Promise<Libp2p> {
  const libp2p = await createLibp2p({
    privateKey,
    addresses: {
      listen: [`/ip4/0.0.0.0/tcp/${port}`],
      announce: [`/ip4/${SYBIL_HOST}/tcp/${port}`],
    },
    transports: [network.transport({ address: SYBIL_HOST })],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    services: { identify: identify(), ping: ping() },
  })
  await libp2p.handle(KAD, (stream) => lie(stream, told), { maxInboundStreams: 1000 })
  for (let index = 0; index < HONEST; index += 1) {
    await libp2p.dial(multiaddr(`/ip4/11.${index}.0.1/tcp/3000`))
  }
  return libp2p
}

/** Stores nothing and says that it does, has nothing, and knows nobody but its likes. */
function lie(stream: Stream, told: WirePeer[]): void {
  const reader = new FrameReader(1_000_000)
  stream.addEventListener('message', ({ data }) => {
    for (const bytes of reader.push(data.subarray())) {
      const asked: WireMessage = decodeMessage(bytes)
      if (asked.type === 'ADD_PROVIDER') continue
      const answer = asked.type === 'PUT_VALUE' ? asked : { ...asked, closer: told.slice(0, 20) }
      stream.send(encodeFrame(answer))
    }
  })
}

async function listsAll(node: KadlabNode, wanted: ReadonlySet<string>): Promise<void> {
  const events = node.api.events({ since: 0, signal: AbortSignal.timeout(20_000) })
  const missing = new Set(wanted)
  for await (const event of events) {
    if (event.event === 'listed') missing.delete(event.peer)
    if (missing.size === 0) return
  }
  deepEqual([...missing], [])
}

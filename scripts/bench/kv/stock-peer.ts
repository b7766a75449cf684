// A peer on js-libp2p's kad-dht as it comes, to be measured beside and to be examined: settings, commands and answers are
// those of the peers in orchestrator/foreign. Only what would keep it from joining on loopback is set.
import { createInterface } from 'node:readline'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import { type KadDHT, kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import type { ForeignAnswer } from '#orchestrator/foreign/foreign-line.ts'

const {
  LISTEN_PORT = '3000',
  LISTEN = `/ip4/0.0.0.0/tcp/${LISTEN_PORT}`,
  PUBLIC_IP = '',
  IDENTITY_SEED = '',
  BOOTSTRAP = '',
  KAD_MODE = 'server',
  KAD_PROTOCOL = '/ipfs/kad/1.0.0',
} = process.env

const libp2p = await createLibp2p({
  privateKey: await generateKeyPairFromSeed('Ed25519', Buffer.from(IDENTITY_SEED, 'hex')),
  addresses: {
    listen: [LISTEN],
    appendAnnounce: PUBLIC_IP === '' ? [] : [`/ip4/${PUBLIC_IP}/tcp/${LISTEN_PORT}`],
  },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  connectionManager: { inboundConnectionThreshold: 10_000, maxIncomingPendingConnections: 10_000 },
  services: {
    identify: identify(),
    ping: ping({ maxInboundStreams: 32, maxOutboundStreams: 32 }),
    dht: kadDHT({
      protocol: KAD_PROTOCOL,
      clientMode: KAD_MODE === 'client',
      peerInfoMapper: passthroughMapper,
      validators: { kv: async () => {} },
      selectors: { kv: () => 0 },
      maxInboundStreams: 256,
      maxOutboundStreams: 256,
    }),
  },
})

const born = performance.now()
const say = (event: string, fields: object): void => {
  console.log(JSON.stringify({ event, ms: Math.round(performance.now() - born), ...fields }))
}
const protocol = KAD_PROTOCOL
const mode = KAD_MODE === 'client' ? 'client' : 'server'
say('start', { peer: libp2p.peerId.toString(), agent: 'stock', mode, protocol })
for (const address of libp2p.getMultiaddrs()) say('listening', { address: address.toString() })

type Answer = { event: ForeignAnswer['event'] } & Record<string, unknown>

async function answer([command = '', key = '', value = '']: string[]): Promise<Answer> {
  const bytes = Buffer.from(key)
  switch (command) {
    case 'PUT64':
      await libp2p.contentRouting.put(bytes, Buffer.from(value, 'base64'))
      return { event: 'put' }
    case 'GET': {
      const found = await libp2p.contentRouting.get(bytes)
      return { event: 'get', base64: Buffer.from(found).toString('base64'), from: null }
    }
    case 'PEERS': {
      const { routingTable } = libp2p.services.dht as unknown as Inner
      const listed = [...routingTable.kb.toIterable()]
      return {
        event: 'peers',
        peers: listed.map(({ peerId }) => ({ peer: String(peerId), addresses: [] })),
      }
    }
    default:
      throw new Error(`no command ${command}`)
  }
}

interface Inner extends KadDHT {
  routingTable: { kb: { toIterable(): Iterable<{ peerId: unknown }> } }
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const [tag = '', ...words] = line.split(' ')
  answer(words).then(
    ({ event, ...fields }) => say(event, { ok: true, tag: tag.slice(1), ...fields }),
    (error: Error) => {
      const why = error.name === 'NotFoundError' ? 'not found' : error.message
      say('error', { ok: false, tag: tag.slice(1), error: why })
    },
  )
})

if (BOOTSTRAP !== '') await libp2p.dial(multiaddr(BOOTSTRAP))

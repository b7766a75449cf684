import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { bootstrap } from '@libp2p/bootstrap'
import { type Identify, type IdentifyPush, identify, identifyPush } from '@libp2p/identify'
import type { Libp2p, PrivateKey } from '@libp2p/interface'
import { type KadDHT, kadDHT } from '@libp2p/kad-dht'
import { type Ping, ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { name, version } from 'libp2p/version'
import type { NodeConfig } from '../config/config.ts'
import { scopeMapper } from '../peer/address-scope.ts'
import type { PeerComponents } from '../peer/peer.ts'

/** What it calls itself: its own name, without that of the Node below, so that a run is the same on every machine. */
export const STOCK_AGENT = `${name}/${version}`

/** js-libp2p as it comes, with the services that Kademlia needs. */
export type StockHost = Libp2p<{
  identify: Identify
  identifyPush: IdentifyPush
  ping: Ping
  dht: KadDHT
}>

/** What a stock host reads of the settings of a node. */
export type StockConfig = Pick<
  NodeConfig,
  | 'listen'
  | 'publicIp'
  | 'appendAnnounce'
  | 'bootstrap'
  | 'kadMode'
  | 'kadProtocol'
  | 'addressScope'
>

/**
 * Makes a js-libp2p peer with kad-dht, stopped, every setting of theirs at its default. What an application must say is
 * said: who it is, where it listens and is reached, whom it joins through, its protocol, and that it keeps values under
 * `/kv`, of which kad-dht by itself takes none.
 */
export async function createStockHost(
  config: StockConfig,
  { privateKey, transport }: { privateKey: PrivateKey } & Pick<PeerComponents, 'transport'>,
): Promise<StockHost> {
  return createLibp2p({
    start: false,
    privateKey,
    nodeInfo: { userAgent: STOCK_AGENT },
    addresses: { listen: [...config.listen], appendAnnounce: beside(config) },
    transports: [transport ?? tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    peerDiscovery:
      config.bootstrap.length === 0 ? [] : [bootstrap({ list: [...config.bootstrap] })],
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      ping: ping(),
      dht: kadDHT({
        protocol: config.kadProtocol,
        // The default itself where all addresses are to be public ones.
        ...(config.addressScope !== 'public' && {
          peerInfoMapper: scopeMapper(config.addressScope),
        }),
        ...(config.kadMode !== 'auto' && { clientMode: config.kadMode === 'client' }),
        validators: { kv: async () => {} },
        selectors: { kv: () => 0 },
      }),
    },
  })
}

/** Addresses that are told beside those of the interfaces. */
function beside({ publicIp, listen, appendAnnounce }: StockConfig): string[] {
  if (publicIp === null) return [...appendAnnounce]
  const ports = new Set(listen.map((address) => /\/tcp\/(\d+)/.exec(address)?.[1] ?? ''))
  const family = publicIp.includes(':') ? 'ip6' : 'ip4'
  return [...[...ports].map((port) => `/${family}/${publicIp}/tcp/${port}`), ...appendAnnounce]
}

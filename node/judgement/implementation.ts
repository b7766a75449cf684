/** A libp2p implementation whose words a remedy can use. */
export type Implementation = 'kadlab' | 'rust' | 'go' | 'js' | 'unknown'

/** How the same things are set in one implementation. */
export interface Words {
  /** Tells others an address. `address` is the whole multiaddr, `host` its IP address or name. */
  announce(address: string, host: string): string
  /** Makes the peer a Kademlia server. */
  serverMode: string
  /** Makes the peer speak the Kademlia protocol `name`. */
  protocol(name: string): string
  /** Gives the peer identify. */
  identify: string
  /** Gives the peer identify push. */
  identifyPush: string
  /** Gives the peer ping. */
  ping: string
  /** True where the words are environment variables that can be pasted as they are. */
  variables: boolean
}

const KADLAB: Words = {
  announce: (_, host) => `PUBLIC_IP=${host}`,
  serverMode: 'KAD_MODE=server',
  protocol: (name) => `KAD_PROTOCOL=${name}`,
  identify: 'let the connection live until identify has ended (it has no switch)',
  identifyPush: 'KAD_MODE=server',
  ping: 'let the connection live until it is verified (ping has no switch)',
  variables: true,
}

/** What to write in each implementation; an unknown peer is told it in kadlab's words. */
export const WORDS: Readonly<Record<Implementation, Words>> = {
  kadlab: KADLAB,
  unknown: KADLAB,
  rust: {
    announce: (address) => `swarm.add_external_address("${address}".parse()?)`,
    serverMode: 'kademlia.set_mode(Some(kad::Mode::Server))',
    protocol: (name) => `kad::Config::new(StreamProtocol::new("${name}"))`,
    identify: 'an identify::Behaviour beside kad::Behaviour',
    identifyPush: 'identify::Config::with_push_listen_addr_updates(true)',
    ping: 'a ping::Behaviour beside kad::Behaviour',
    variables: false,
  },
  go: {
    announce: (address) =>
      `libp2p.AddrsFactory(func([]ma.Multiaddr) []ma.Multiaddr { return []ma.Multiaddr{ma.StringCast("${address}")} })`,
    serverMode: 'dht.Mode(dht.ModeServer)',
    protocol: (name) => `dht.V1ProtocolOverride("${name}")`,
    identify: 'a host made with libp2p.New, which always has identify',
    identifyPush: 'a host made with libp2p.New, which always pushes',
    ping: 'libp2p.Ping(true)',
    variables: false,
  },
  js: {
    announce: (address) => `createLibp2p({ addresses: { announce: ['${address}'] } })`,
    serverMode: 'kadDHT({ clientMode: false })',
    protocol: (name) => `kadDHT({ protocol: '${name}' })`,
    identify: 'createLibp2p({ services: { identify: identify() } })',
    identifyPush: 'createLibp2p({ services: { identifyPush: identifyPush() } })',
    ping: 'createLibp2p({ services: { ping: ping() } })',
    variables: false,
  },
}

/** Tells the implementation from identify's agent string; a program that gives itself a name of its own is unknown. */
export function implementationOf(agent: string | null): Implementation {
  if (agent === null) return 'unknown'
  if (agent.startsWith('kadlab')) return 'kadlab'
  if (agent.includes('rust-libp2p')) return 'rust'
  if (agent.includes('go-libp2p')) return 'go'
  if (agent.includes('js-libp2p')) return 'js'
  return 'unknown'
}

import type { Implementation } from './implementation.ts'

/** How a thing is set in the words of one implementation, and the sentence that says so. */
export interface Setting {
  /** The variable, the command or the code: what a person pastes. Null where there is nothing of the kind. */
  paste: string | null
  /** `Set KAD_MODE=server on the target`, without a full stop. */
  text: string
}

/** How the same things are set in one implementation. */
export interface Words {
  /**
   * Tells others an address.
   *
   * @param address the whole multiaddr
   * @param host its IP address or name, where the port on which the target listens is the port to announce; else null
   */
  announce(address: string, host: string | null): Setting
  /** Where no address is known that could be told. */
  announceAny: Setting
  /** Makes the peer a Kademlia server. */
  serverMode: Setting
  /** Makes the peer speak the Kademlia protocol `name`. */
  protocol(name: string): Setting
  /** Gives the peer identify push. */
  identifyPush: Setting
  /** Gives the peer ping. */
  ping: Setting
}

/** An environment variable. */
function variable(paste: string): Setting {
  return { paste, text: `Set ${paste} on the target` }
}

/** A command for a shell on the target's machine. */
function command(paste: string): Setting {
  return { paste, text: `Run \`${paste}\` on the target and start it again` }
}

/** What stands in the target's program. */
function code(text: string): Setting {
  return { paste: null, text: `Give the target ${text}` }
}

/** What the target should do, where nothing is known of how. */
function doing(text: string): Setting {
  return { paste: null, text: `Let the target ${text}` }
}

/** What there is no switch for. */
function said(text: string): Setting {
  return { paste: null, text }
}

const ANNOUNCE_ANY = 'announce an address at which others can dial it'

/** What to write in each implementation; of an unknown one, only what it should do. */
export const WORDS: Readonly<Record<Implementation, Words>> = {
  kadlab: {
    announce: (address, host) =>
      variable(host === null ? `ANNOUNCE=${address}` : `PUBLIC_IP=${host}`),
    announceAny: doing(`${ANNOUNCE_ANY} (PUBLIC_IP or ANNOUNCE)`),
    serverMode: variable('KAD_MODE=server'),
    protocol: (name) => variable(`KAD_PROTOCOL=${name}`),
    identifyPush: variable('KAD_MODE=server'),
    ping: code('time: let the connection live until it is verified (ping has no switch)'),
  },
  // https://github.com/ipfs/kubo/blob/master/docs/config.md
  kubo: {
    announce: (address) => command(`ipfs config --json Addresses.AppendAnnounce '["${address}"]'`),
    announceAny: doing(`${ANNOUNCE_ANY} (Addresses.AppendAnnounce)`),
    serverMode: command('ipfs config Routing.Type dhtserver'),
    protocol: () =>
      said('Use KAD_PROTOCOL=/ipfs/kad/1.0.0 on the observer, for kubo speaks no other'),
    identifyPush: said('Start the target again, for kubo pushes identify by itself'),
    ping: said('See why ping does not reach the target, for kubo always speaks it'),
  },
  rust: {
    announce: (address) => code(`\`swarm.add_external_address("${address}".parse()?)\``),
    announceAny: doing(`${ANNOUNCE_ANY} (\`swarm.add_external_address\`)`),
    serverMode: code('`kademlia.set_mode(Some(kad::Mode::Server))`'),
    protocol: (name) => code(`\`kad::Config::new(StreamProtocol::new("${name}"))\``),
    identifyPush: code('`identify::Config::with_push_listen_addr_updates(true)`'),
    ping: code('a `ping::Behaviour` beside `kad::Behaviour`'),
  },
  litep2p: {
    announce: (address) =>
      code(`\`litep2p.public_addresses().add_address("${address}".parse()?)\``),
    announceAny: doing(`${ANNOUNCE_ANY} (\`public_addresses().add_address\`)`),
    serverMode: code('`kademlia::ConfigBuilder::new().with_mode(KademliaMode::Server)`'),
    protocol: (name) =>
      code(`\`kademlia::ConfigBuilder::new().with_protocol_names(vec!["${name}".into()])\``),
    identifyPush: said('Start the target again, for litep2p has no identify push'),
    ping: code('ping by `ConfigBuilder::with_libp2p_ping`'),
  },
  go: {
    announce: (address) =>
      code(
        `\`libp2p.AddrsFactory(func([]ma.Multiaddr) []ma.Multiaddr { return []ma.Multiaddr{ma.StringCast("${address}")} })\``,
      ),
    announceAny: doing(`${ANNOUNCE_ANY} (\`libp2p.AddrsFactory\`)`),
    serverMode: code('`dht.Mode(dht.ModeServer)`'),
    protocol: (name) => code(`\`dht.V1ProtocolOverride("${name}")\``),
    identifyPush: code('a host made with `libp2p.New`, which always pushes'),
    ping: code('`libp2p.Ping(true)`'),
  },
  js: {
    announce: (address) => code(`\`createLibp2p({ addresses: { announce: ['${address}'] } })\``),
    announceAny: doing(`${ANNOUNCE_ANY} (\`addresses.announce\`)`),
    serverMode: code('`kadDHT({ clientMode: false })`'),
    protocol: (name) => code(`\`kadDHT({ protocol: '${name}' })\``),
    identifyPush: code('`createLibp2p({ services: { identifyPush: identifyPush() } })`'),
    ping: code('`createLibp2p({ services: { ping: ping() } })`'),
  },
  py: {
    announce: (address) => code(`\`new_host(announce_addrs=[Multiaddr("${address}")])\``),
    announceAny: doing(`${ANNOUNCE_ANY} (\`announce_addrs\` of \`new_host\`)`),
    serverMode: code('`KadDHT(host, DHTMode.SERVER)`'),
    // Its protocol_prefix decides which validators it asks for, and not what it speaks.
    protocol: () =>
      said('Use KAD_PROTOCOL=/ipfs/kad/1.0.0 on the observer, for py-libp2p speaks no other'),
    identifyPush: doing('push identify after it has become a server'),
    ping: code('a handler of /ipfs/ping/1.0.0'),
  },
  unknown: {
    announce: (address) => doing(`announce ${address} in identify`),
    announceAny: doing(ANNOUNCE_ANY),
    serverMode: doing('run Kademlia as a server'),
    protocol: (name) => doing(`speak the Kademlia protocol ${name}`),
    identifyPush: doing('push identify after it has become a server'),
    ping: doing('answer /ipfs/ping/1.0.0'),
  },
}

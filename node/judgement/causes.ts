import type { HandshakeKind } from './handshake-error.ts'
import type { Rung } from './ladder.ts'

/** What is known of one cause; the docs' table is made from it. */
export interface CauseMeaning {
  /** The rung on which a target with this cause stands. */
  readonly rung: Rung
  /** What happened, in one sentence. */
  readonly meaning: string
  /** What fixes it, in general terms; the remedy of a sighting carries the real values. */
  readonly remedy: string
  /**
   * Not the last word: `soon` ends by itself within seconds, or by the next dial-back; `retried` is tried again by a
   * kadlab node, with pauses; `perhaps` stays unless somebody comes, which may still happen. Absent: final as long as
   * nothing changes.
   */
  readonly passes?: 'soon' | 'retried' | 'perhaps'
  /** Which of the thirteen ways of js-libp2p this is, where it is one. */
  readonly way?: number
}

const ROWS = {
  // unknown: no connection
  NEVER_DIALLED: {
    rung: 'unknown',
    passes: 'perhaps',
    meaning:
      'the observer has heard of the target and has not dialled it, and the target has never reached it',
    remedy: 'an address of the target that the observer dials (ADDRESS_SCOPE, DIAL_PRIVATE)',
  },
  NOT_JOINED: {
    rung: 'unknown',
    passes: 'perhaps',
    meaning: 'the observer has no connection to anybody, so that nobody names the target to it',
    remedy: 'a BOOTSTRAP that leads to a peer',
  },
  NOT_TOLD: {
    rung: 'unknown',
    passes: 'perhaps',
    meaning: 'nobody whom the observer asks lists the target',
    remedy:
      'see why those whom the observer asks do not list the target; clients are never named to each other',
  },
  CANNOT_START: {
    rung: 'unknown',
    meaning: 'the target could not start',
    remedy: 'see its error; listen on 0.0.0.0, and announce the public address by PUBLIC_IP',
  },
  SAME_IDENTITY: {
    rung: 'unknown',
    meaning: 'several nodes have the identity of the target, so that others take them for one',
    remedy: 'an IDENTITY_FILE or IDENTITY_SEED of its own for each node',
  },
  DIAL_REFUSED: {
    rung: 'unknown',
    meaning: 'the dialled address answered that nothing listens there',
    remedy: 'start the target, or fix LISTEN_PORT, the forwarded port or the address',
  },
  DIAL_TIMED_OUT: {
    rung: 'unknown',
    meaning: 'the dialled address did not answer at all: a NAT or a firewall drops it',
    remedy: 'open or forward the port at the router or security group',
  },
  PATH_BLOCKED: {
    rung: 'unknown',
    meaning: 'the scenario lets no packet pass between the observer and the target',
    remedy: 'a step that unblocks the two, heals all, or plugs the cable in again',
  },
  NO_HAIRPIN: {
    rung: 'unknown',
    meaning:
      'both stand behind one router, which does not lead its own hosts in again at its outside address',
    remedy: 'hairpinning (NAT loopback) at the router, or private addresses announced beside',
  },
  NAME_NOT_RESOLVED: {
    rung: 'unknown',
    meaning: 'the name in the dialled address does not resolve',
    remedy: 'fix the name in DNS, or use an IP address',
  },
  NAME_IS_PRIVATE: {
    rung: 'unknown',
    meaning:
      'the name in the dialled address leads to a private address, which is not dialled unasked',
    remedy: 'a name that leads to the public address; in a private network DIAL_PRIVATE=yes',
  },
  NO_ADDRESS_FAMILY: {
    rung: 'unknown',
    meaning: 'the dialled address is of a family that the observer does not have (IPv6 or IPv4)',
    remedy: 'an address of the target in a family that both have',
  },
  DIAL_NO_ROUTE: {
    rung: 'unknown',
    meaning: 'no route leads to the dialled address',
    remedy: 'announce an address that the observer has a route to',
  },
  DIAL_OWN_ADDRESS: {
    rung: 'unknown',
    meaning: 'the dialled address leads back to the observer itself',
    remedy: "the target's public address in BOOTSTRAP; two private networks share one range",
  },
  WRONG_PEER_ID: {
    rung: 'unknown',
    meaning: 'another peer answers at the dialled address',
    remedy: 'fix the /p2p/ part of the address in BOOTSTRAP',
  },
  DIAL_FAILED: {
    rung: 'unknown',
    meaning: 'the dial failed in a way that has no name of its own',
    remedy: 'see the dial error in the evidence',
  },
  CONNECTION_SILENT: {
    rung: 'unknown',
    meaning:
      'something accepts connections at the dialled address and says nothing: a program that hangs or is stopped, or no libp2p',
    remedy: 'see whether the target still runs, and whether it is what listens on the port',
  },
  NOT_LIBP2P: {
    rung: 'unknown',
    meaning: 'what answers at the dialled address is no libp2p',
    remedy: 'the port on which libp2p listens, in BOOTSTRAP and at the router',
  },
  PRIVATE_NETWORK: {
    rung: 'unknown',
    meaning:
      'the target is in a private network of libp2p of which the observer has no key, or the observer in one of which the target has none',
    remedy: 'the same swarm key on both sides (SWARM_KEY_FILE), or on neither',
  },
  NO_COMMON_ENCRYPTER: {
    rung: 'unknown',
    meaning: 'the target speaks libp2p and refuses the encrypters of the observer',
    remedy: 'noise (/noise) on the target',
  },
  NO_COMMON_MUXER: {
    rung: 'unknown',
    meaning: 'the target secures the connection and refuses the stream muxers of the observer',
    remedy: 'yamux (/yamux/1.0.0) on the target',
  },
  DENIED_AFTER_HANDSHAKE: {
    rung: 'unknown',
    meaning:
      'the target ends the connection once it knows who dials: its gater or one of its limits refuses the observer',
    remedy: "the target's connection gater, allow list and limits",
  },
  CONNECTION_DENIED: {
    rung: 'unknown',
    way: 12,
    meaning:
      'one side closed the connection before it was secured: too many at once from one host, or no libp2p',
    remedy: 'raise the connection limits, or join more slowly',
  },
  CONNECTION_LOST: {
    rung: 'unknown',
    meaning: 'there was a connection and it ended',
    remedy: 'see why it ended; a bootstrap peer is dialled again by itself',
  },
  // connected
  IDENTIFY_PENDING: {
    rung: 'connected',
    passes: 'soon',
    meaning: 'identify is under way',
    remedy: 'wait: it ends within seconds, one way or the other',
  },
  IDENTIFY_FAILED: {
    rung: 'connected',
    way: 1,
    meaning: 'identify did not complete: the target has no identify service, or it timed out',
    remedy: 'give the target an identify service',
  },
  // identified: connected and identified, but without our Kademlia
  CLIENT_MODE: {
    rung: 'identified',
    way: 2,
    meaning:
      'the target does not offer Kademlia to the observer: it runs it as a client, or not at all',
    remedy: 'KAD_MODE=server on the target',
  },
  PROTOCOL_MISMATCH: {
    rung: 'identified',
    way: 2,
    meaning: 'the target offers a Kademlia protocol of another name',
    remedy: 'the same KAD_PROTOCOL on both',
  },
  KADEMLIA_FAILED: {
    rung: 'identified',
    meaning: 'the target offers Kademlia, and does not answer a question of it as it should',
    remedy: 'see why in the log of the target: it hangs, resets, or answers something else',
  },
  SERVER_MODE_NOT_PUSHED: {
    rung: 'identified',
    way: 3,
    meaning: 'the target became a server after identify, and the observer got no push of it',
    remedy: 'run identify push on both, or start with KAD_MODE=server',
  },
  LIMITED_CONNECTION: {
    rung: 'identified',
    way: 4,
    meaning: 'the only connection goes through a relay, which carries no Kademlia',
    remedy: 'a direct address for the target',
  },
  // speaks-kademlia, but not addressable
  NO_ADDRESS_ANNOUNCED: {
    rung: 'speaks-kademlia',
    way: 5,
    meaning: 'identify carried no address at all',
    remedy: 'PUBLIC_IP or ANNOUNCE on the target',
  },
  ONLY_PRIVATE_ADDRESSES: {
    rung: 'speaks-kademlia',
    way: 6,
    meaning: 'every address that the target announces is private, and the filter keeps public ones',
    remedy: 'PUBLIC_IP or ANNOUNCE on the target',
  },
  ONLY_PUBLIC_ADDRESSES: {
    rung: 'speaks-kademlia',
    way: 6,
    meaning: 'every address that the target announces is public, and the filter keeps private ones',
    remedy: 'ADDRESS_SCOPE=any on the observer',
  },
  ADDRESSES_EXPIRED: {
    rung: 'speaks-kademlia',
    way: 7,
    meaning: 'the stored addresses of the target grew too old while it was connected',
    remedy: 'no expiry of addresses at the observer',
  },
  STALE_SIGNED_RECORD: {
    rung: 'speaks-kademlia',
    way: 11,
    meaning:
      "the target's signed peer record is not newer than the stored one, so old addresses stay",
    remedy: "fix the target's clock",
  },
  // rust-libp2p's UnroutablePeer; js-libp2p cannot come here, for its Kademlia waits for identify
  NO_ADDRESS_KNOWN: {
    rung: 'speaks-kademlia',
    meaning: 'the target connected, and the observer knows no address of it',
    remedy: 'identify on both sides, and an external address on the target',
  },
  // addressable, but not listed
  PING_FAILED: {
    rung: 'addressable',
    passes: 'retried',
    way: 8,
    meaning: 'the ping that verifies a new contact failed',
    remedy: 'see the ping error in the evidence',
  },
  PING_UNSUPPORTED: {
    rung: 'addressable',
    way: 8,
    meaning: 'the target does not speak the ping protocol with which new contacts are verified',
    remedy: 'give the target a ping service',
  },
  BUCKET_FULL: {
    rung: 'addressable',
    way: 9,
    meaning: 'the bucket of the target is full of contacts that still answer',
    remedy: 'a larger KAD_BUCKET_SIZE at the observer',
  },
  TABLE_UPDATE_TIMED_OUT: {
    rung: 'addressable',
    passes: 'retried',
    way: 10,
    meaning: 'the update of the routing table was dropped or timed out under load',
    remedy: 'fewer joins at once, or a faster machine',
  },
  IP_GROUP_FULL: {
    rung: 'addressable',
    meaning:
      'the observer lists so many peers of one address group and no more, and the group of the target is full',
    remedy: 'a public address in another network for the target',
  },
  ADMISSION_PROBE_FAILED: {
    rung: 'addressable',
    meaning: 'the observer asks a newcomer a question before it lists it, and had no answer',
    remedy: 'a way in to the target, or a target that answers FIND_NODE',
  },
  PENDING: {
    rung: 'addressable',
    passes: 'soon',
    meaning: 'the observer is about to verify the target: it may still be listed',
    remedy: 'wait: it ends within seconds, one way or the other',
  },
  EVICTED: {
    rung: 'addressable',
    meaning: 'the target was listed and was taken out, though it is connected',
    remedy: 'see why; it comes back with its next identify',
  },
  // listed, but not dialable
  LISTED_WITHOUT_ADDRESS: {
    rung: 'listed',
    meaning:
      'the target is listed, and the observer holds no address of it: it cannot name it to others',
    remedy: 'PUBLIC_IP or ANNOUNCE on the target',
  },
  ADDRESS_REFUSED: {
    rung: 'listed',
    meaning: 'the address under which the target is listed refuses connections',
    remedy: 'announce an address that leads to the target',
  },
  ADDRESS_TIMED_OUT: {
    rung: 'listed',
    meaning: 'the address under which the target is listed does not answer',
    remedy: 'open or forward the port, or announce an address that leads to the target',
  },
  ADDRESS_BLOCKED: {
    rung: 'listed',
    meaning: 'the target is listed, and the scenario blocks packets between the observer and it',
    remedy: 'a step that unblocks the two, or heals all',
  },
  ADDRESS_WRONG_PORT: {
    rung: 'listed',
    meaning:
      'the port of the address under which the target is listed is neither listened on nor forwarded',
    remedy: 'announce the port that leads to the target, by ANNOUNCE',
  },
  ADDRESS_NO_HAIRPIN: {
    rung: 'listed',
    meaning:
      'the target is listed at the outside address of the router behind which both stand, which does not lead in again',
    remedy: 'hairpinning (NAT loopback) at the router, or private addresses announced beside',
  },
  ADDRESS_NAME_NOT_RESOLVED: {
    rung: 'listed',
    meaning: 'the name in the address under which the target is listed does not resolve',
    remedy: 'fix the name in DNS, or announce an IP address',
  },
  ADDRESS_NAME_PRIVATE: {
    rung: 'listed',
    meaning:
      'the name in the address under which the target is listed leads to a private address, which is not dialled unasked',
    remedy: 'a name that leads to the public address; in a private network DIAL_PRIVATE=yes',
  },
  ADDRESS_NO_FAMILY: {
    rung: 'listed',
    meaning:
      'the address under which the target is listed is of a family that the observer does not have (IPv6 or IPv4)',
    remedy: 'announce an address in a family that both have',
  },
  ADDRESS_NO_ROUTE: {
    rung: 'listed',
    meaning: 'no route leads to the address under which the target is listed',
    remedy: 'announce an address that leads to the target',
  },
  ADDRESS_OF_ANOTHER_PEER: {
    rung: 'listed',
    meaning: 'another peer answers at the address under which the target is listed',
    remedy: 'announce an address that leads to the target',
  },
  ADDRESS_OF_OBSERVER: {
    rung: 'listed',
    meaning: "the address under which the target is listed is the observer's own",
    remedy: 'PUBLIC_IP or ANNOUNCE on the target; two private networks share one range',
  },
  ADDRESS_SILENT: {
    rung: 'listed',
    meaning:
      'something accepts connections at the address under which the target is listed and says nothing',
    remedy: 'see whether the target hangs, and announce an address that leads to it',
  },
  ADDRESS_NOT_LIBP2P: {
    rung: 'listed',
    meaning: 'what answers at the address under which the target is listed is no libp2p',
    remedy: 'announce an address that leads to the target',
  },
  ADDRESS_OTHER_TRANSPORT: {
    rung: 'listed',
    meaning:
      'every address under which the target is listed needs a transport that the observer does not speak (QUIC, WebSocket, WebRTC, a relay)',
    remedy: 'announce a TCP address too',
  },
  ADDRESS_DENIED: {
    rung: 'listed',
    meaning:
      'something accepts at the address under which the target is listed and ends the connection before it is secured',
    remedy: "announce an address that leads to the target, or raise the target's connection limits",
  },
  ADDRESS_UNREACHABLE: {
    rung: 'listed',
    meaning:
      'the address under which the target is listed cannot be dialled, in a way that has no name of its own',
    remedy: 'see the dial error in the evidence',
  },
  NOT_DIALLED_BACK: {
    rung: 'listed',
    passes: 'soon',
    meaning: 'the target is listed, and its addresses were not tried on a fresh connection',
    remedy: 'ask for a dial-back',
  },
} as const satisfies Record<string, CauseMeaning>

/** The stable name of a cause. */
export type Cause = keyof typeof ROWS

/**
 * Every reason for which a target stands on its rung and no higher. The identifiers are stable.
 *
 * `way` counts the thirteen ways in which js-libp2p leaves a connected peer out of its table, in the order in which its
 * code comes to them. The thirteenth, an observer that is itself a client, keeps no target off
 * the observer's own table: it is seen from the other side, as CLIENT_MODE, and here only as `observerMode` in the
 * evidence.
 */
export const CAUSES: Readonly<Record<Cause, CauseMeaning>> = ROWS

/**
 * What was seen that leads to a cause. Every part is optional: what was not seen is absent, never guessed.
 * Addresses are multiaddrs.
 */
export interface Evidence {
  /** Addresses that identify carried. */
  announced?: string[]
  /** The address filter of the observer. */
  scope?: 'public' | 'private' | 'any'
  /** Addresses that the observer has stored for the target, where they are not those announced. */
  stored?: string[]
  /** What the filter left of the target's stored addresses. */
  kept?: string[]
  /** The observer's own Kademlia mode, where it is a client: the target will not list the observer (13). */
  observerMode?: 'client'
  /** Whom the observer asked, and why each does not list the target, where that is known. */
  asked?: AskedEvidence[]
  /** Nodes that have the identity of the target. */
  sameIdentity?: string[]
  /** The observer's limit for one group of addresses, and the group. */
  group?: AddressGroupLimit
  /** Protocols that identify carried. */
  protocols?: string[]
  /** The Kademlia protocol that the observer speaks. */
  expectedProtocol?: string
  /** The remote address of the target's connection, as the observer sees it. */
  remoteAddress?: string
  /** Attempts to dial the target, the last one of each address. */
  dials?: DialEvidence[]
  /** The message of an error underneath. */
  error?: string
  /** The target's agent string. */
  agent?: string
  /** Contacts in the target's bucket, and how many it holds. */
  bucket?: { contacts: number; capacity: number }
}

/** How many peers of one group of addresses an observer lists. */
export interface AddressGroupLimit {
  /** An address, or a network of them. */
  network: string
  limit: number
  /** Where the limit is for those alone whose ids begin with as many bits of the observer's own. */
  sharedBits?: number
}

/** Somebody who could have named the target. */
export interface AskedEvidence {
  peer: string
  /** Why it does not list the target; null where that is not known. */
  cause: string | null
}

/** One dial of one address. */
export interface DialEvidence {
  address: string
  ok: boolean
  /** Why not; absent where `ok`. */
  kind?: DialErrorKind
  error?: string
  /** How long it took, in milliseconds; absent where that was not measured. */
  durationMs?: number
  /** The peer that answered in the place of the target, where `kind` is `wrong-peer-id`. */
  answeredBy?: string
}

/** How a dial fails, told from the error that it ends with. */
export type DialErrorKind =
  | 'refused'
  | 'timed-out'
  | 'no-route'
  | 'name-not-resolved'
  | 'private-name'
  | 'no-family'
  | 'wrong-peer-id'
  | 'own-address'
  | 'denied'
  | HandshakeKind
  | 'other'

/**
 * One thing to do, as data. `on`, `router` and `to` are names: of the scenario's nodes and routers in a lab; where only
 * one node speaks, `target` and `observer`.
 */
export type RemedyAction =
  /** Variables to set; null takes one away. For peers of other implementations, as their adapter reads them. */
  | { on: string; set: Record<string, string | null> }
  | { router: string; forward: { port: number; to: string; toPort: number } }
  /** Lets a port through a security group. */
  | { router: string; allow: number }
  | { router: string; hairpin: true }
  | { on: string; start: true }

/** What to do about a cause, with the real values. */
export interface Remedy {
  /** Whose setting it is. */
  on: 'target' | 'observer' | 'both' | 'network'
  /** A variable and its value, ready to paste, where one setting fixes it: `PUBLIC_IP=11.0.0.12`. */
  set?: string
  /** The whole advice as a sentence. */
  text: string
  /** The same as data: together they cure. Absent where it is not known what would. */
  actions?: RemedyAction[]
  /** Why nothing cures it, where that is so. */
  none?: string
}

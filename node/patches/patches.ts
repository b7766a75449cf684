import type { Stock } from './parts.ts'

/** What is changed in a stock library, why, and until when. */
export interface Patch {
  /** The library, and the file of it in which the fault lies. */
  readonly package: Stock
  readonly upstream: string
  /** What is wrong there. */
  readonly wrong: string
  /** What a node does instead. */
  readonly instead: string
  /** A public report or discussion of it; null where none was found. */
  readonly issue: string | null
  /** When the patch may go. */
  readonly until: string
}

const LIBP2P = 'https://github.com/libp2p/js-libp2p'

/** Every patch, by its file in node/patches/. */
export const PATCHES = {
  'answer-filter.ts': {
    package: '@libp2p/kad-dht',
    upstream: 'src/query/manager.ts',
    wrong:
      'Whoever answers a query is listed without being asked for an address that counts, so that a table holds peers that nobody can be sent to.',
    instead: 'Peers that answer go through the address filter like all others.',
    issue: null,
    until: '`run` calls `onPeerConnect`, or applies `peerInfoMapper` itself.',
  },
  'bounded-addresses.ts': {
    package: '@libp2p/identify',
    upstream: 'src/utils.ts',
    wrong:
      'Some 8,000 addresses fit into an identify message, and all are stored; so is whatever others name. Each is dialled, dialled back and written out.',
    instead: 'The first 32 of a peer are kept, those over plain TCP before others.',
    issue: null,
    until: 'The peer store bounds the addresses of a peer.',
  },
  'bounded-pushes.ts': {
    package: '@libp2p/identify',
    upstream: 'src/identify-push.ts',
    wrong:
      'Ten messages of 8 KiB are read of each push, every address in them is parsed, and pushes are taken as fast as they come.',
    instead:
      'At most 20 KiB are read of a push, and ten pushes of a peer are taken in ten seconds.',
    issue: null,
    until: 'identify bounds the whole of what it reads of a push, and how often it is pushed.',
  },
  'bucket-split.ts': {
    package: '@libp2p/kad-dht',
    upstream: 'src/routing-table/k-bucket.ts',
    wrong:
      'A split of a full bucket pauses between contacts. Two splits at the same time lose contacts, and list others twice.',
    instead: 'A bucket is split in one go.',
    issue: null,
    until: '`_split` awaits nothing, or additions wait for one another.',
  },
  'cheap-lengths.ts': {
    package: '@chainsafe/libp2p-noise',
    upstream: 'src/encoder.ts',
    wrong:
      'After each message the decoder looks for the next one, and throws an error with its stack where nothing has come yet: a twentieth of the time that a small message costs.',
    instead: 'The error is made once.',
    issue: null,
    until: 'The decoder looks whether two bytes are there before it reads them.',
  },
  'coalesced-writes.ts': {
    package: '@libp2p/tcp',
    upstream: 'src/socket-to-conn.ts',
    wrong:
      'Each piece of a message is written by itself: its length, its content, a window update. Each is a system call, and mostly a packet.',
    instead: 'What a connection has to send in a turn of the event loop is written in one go.',
    issue: null,
    until: '`sendData` writes its pieces with one call.',
  },
  'confirm-interface.ts': {
    package: 'libp2p',
    upstream: 'src/address-manager/transport-addresses.ts',
    wrong:
      'A public address that stands on an interface of the machine is not announced before AutoNAT has confirmed it.',
    instead: 'An address that could be bound is confirmed.',
    issue: `${LIBP2P}/pull/2867`,
    until: 'Bound public addresses are announced, or there is an option for it.',
  },
  'dead-muxer.ts': {
    package: '@chainsafe/libp2p-yamux',
    upstream: 'src/muxer.ts',
    wrong:
      'A muxer that gives up (more than ten streams before anybody listens, a broken frame, the GoAway of the other side) leaves its connection open, over which nothing goes any more.',
    instead: 'The connection ends with its muxer, and 256 streams may come before anybody listens.',
    issue: null,
    until: '`abort` of a muxer aborts its connection.',
  },
  'dial-watch.ts': {
    package: 'libp2p',
    upstream: 'src/transport-manager.ts',
    wrong:
      'There is no event for a dial that fails. Where several addresses are dialled, the errors of those that failed are lost.',
    instead: 'Each dial of each address is reported with its error.',
    issue: null,
    until: 'libp2p has an event for each dial.',
  },
  'guarded-providers.ts': {
    package: '@libp2p/kad-dht',
    upstream: 'src/providers.ts',
    wrong:
      'Whoever says that it provides something is noted, however many keys it names and however often: one peer fills the disk.',
    instead:
      'Records are bounded in number (MAX_PROVIDER_RECORDS) and in what one peer may write a second; closer keys win.',
    issue: null,
    until: 'kad-dht bounds what it keeps, or asks before it keeps it.',
  },
  'keep-dialled.ts': {
    package: '@libp2p/identify',
    upstream: 'src/utils.ts',
    wrong:
      'Identify replaces what is known of a peer by what the peer announces. The address that was dialled with success is forgotten, also where the peer announces private addresses alone.',
    instead: 'Addresses that were dialled with success stay, until a dial of them fails.',
    issue: `${LIBP2P}/issues/1871`,
    until: '`consumeIdentifyMessage` keeps addresses that were dialled.',
  },
  'keep-told.ts': {
    package: '@libp2p/identify',
    upstream: 'src/utils.ts',
    wrong:
      'Identify replaces what others named of a peer by what the peer announces, at each further connection: who lists it depends on which came last.',
    instead:
      'Addresses that others named stay, at most four of a peer, until a dial of them fails.',
    issue: null,
    until: '`consumeIdentifyMessage` keeps addresses that came from elsewhere.',
  },
  'lasting-connection.ts': {
    package: 'libp2p',
    upstream: 'src/connection-manager/utils.ts',
    wrong:
      'Of several connections to a peer, streams are opened on the newest (the comparator never answers "equal"). While the peer dials back, that is one which is about to be closed.',
    instead: 'Streams are opened on the connection that has lasted longest.',
    issue: `${LIBP2P}/pull/3413`,
    until: '`findExistingConnection` prefers the oldest open connection.',
  },
  'lazy-windows.ts': {
    package: '@chainsafe/libp2p-yamux',
    upstream: 'src/stream.ts',
    wrong:
      'After each message that comes in, a message goes out that renews the window of the stream. Of small messages that is half of what is written.',
    instead: 'The window is renewed when half of it is used.',
    issue: null,
    until: '`sendWindowUpdate` waits for a share of the window.',
  },
  'pending-places.ts': {
    package: 'libp2p',
    upstream: 'src/connection-manager/index.ts',
    wrong:
      'Connections in their handshake are counted for all addresses together, and each may say nothing for 10 s: one address keeps everybody else out.',
    instead:
      'An address holds at most half of the places, and its network (/24, /64) three quarters; a connection that says nothing for 3 s is ended.',
    issue: null,
    until: 'Pending connections are limited by address as well.',
  },
  'refresh.ts': {
    package: '@libp2p/kad-dht',
    upstream: 'src/routing-table/refresh.ts',
    wrong:
      'The refresh of the table has no `start` method and so is never started with the service. Started by hand, each call sets a timer that nothing ends.',
    instead: "Each part of the key space is looked up at an interval, by kad-dht's own code.",
    issue: `${LIBP2P}/pull/3538`,
    until: 'A node that runs for an hour is seen to refresh by itself.',
  },
  'table-guard.ts': {
    package: '@libp2p/kad-dht',
    upstream: 'src/routing-table/index.ts',
    wrong:
      'Whoever answers a ping is listed while there is room: any number of peers of one host, and peers that answer no question.',
    instead:
      'Peers of one network of public addresses are bounded (MAX_LISTED_PER_NETWORK), and who does not answer questions is kept out.',
    issue: null,
    until: 'kad-dht limits the table by address, and takes out who does not answer.',
  },
  'taps.ts': {
    package: '@libp2p/identify',
    upstream: 'src/identify.ts',
    wrong:
      'Why a peer is not listed is known in four places (identify, ping, the update of the table, the refusal of a connection) and goes to a trace line or nowhere.',
    instead: 'Each is heard, and becomes evidence of a cause.',
    issue: 'https://github.com/libp2p/rust-libp2p/issues/5445',
    until: 'libp2p has events for them.',
  },
} as const satisfies Record<string, Patch>

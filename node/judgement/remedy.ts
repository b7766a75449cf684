import { CAUSES } from './causes.ts'
import type { Cause, Remedy } from './causes.ts'
import { WORDS, implementationOf } from './implementation.ts'
import type { Words } from './implementation.ts'
import { mostTelling } from './most-telling.ts'
import { hostPort, reachOf } from './multiaddr-facts.ts'
import { freshDials } from './observation.ts'
import type { Observation } from './observation.ts'
import { seenAddress } from './seen-address.ts'

/** What to do about `cause`, with the values of this very case, in the words of the target's implementation. */
export function remedyFor(cause: Cause, observation: Observation): Remedy {
  const { identify } = observation
  const words = WORDS[implementationOf(identify.state === 'done' ? identify.agent : null)]
  return REMEDIES[cause](observation, words)
}

type Answer = (observation: Observation, words: Words) => Remedy

const STALE =
  "Fix the target's clock: its signed peer record is older than the one that the observer has stored, so the old addresses stay."

const REMEDIES: Readonly<Record<Cause, Answer>> = {
  NEVER_DIALLED: () =>
    on(
      'target',
      'Announce an address that the observer dials: those that it was told of are outside its ADDRESS_SCOPE or DIAL_PRIVATE.',
    ),
  NOT_JOINED: () =>
    on(
      'observer',
      'Give the observer a BOOTSTRAP that leads to a peer: it is connected to nobody.',
    ),
  NOT_TOLD: () =>
    on(
      'both',
      'See why those whom the observer asks do not list the target: that is what to fix. Two clients are never named to each other.',
    ),
  CANNOT_START: () =>
    on(
      'target',
      'See why the target could not start; LISTEN takes addresses of its own interfaces.',
    ),
  SAME_IDENTITY: () => on('target', 'Give each node an IDENTITY_FILE or IDENTITY_SEED of its own.'),
  NO_HAIRPIN: noHairpin,
  NAME_NOT_RESOLVED: (seen) =>
    on('target', `Fix the name in DNS, or use an IP address: ${dialled(seen)} does not resolve.`),
  NO_ADDRESS_FAMILY: (seen) =>
    on(
      'target',
      `Give the target an address in a family that both have: the observer has none for ${dialled(seen)}.`,
    ),
  DIAL_REFUSED: (seen) =>
    on('target', `Start the target, or fix the address: nothing listens at ${dialled(seen)}.`),
  DIAL_TIMED_OUT: (seen) =>
    on(
      'network',
      `Open or forward ${doorOf(dialled(seen))} at the target's router or security group: ${dialled(seen)} does not answer.`,
    ),
  DIAL_NO_ROUTE: (seen) =>
    on(
      'target',
      `Give the target an address that the observer has a route to: none leads to ${dialled(seen)}.`,
    ),
  DIAL_OWN_ADDRESS: (seen) =>
    on(
      'observer',
      `Name the target's public address in BOOTSTRAP: ${dialled(seen)} leads back to the observer itself.`,
    ),
  WRONG_PEER_ID: wrongPeerId,
  DIAL_FAILED: (seen) =>
    on('both', `See the dial error in the evidence: ${dialled(seen)} cannot be dialled.`),
  CONNECTION_DENIED: () =>
    on(
      'both',
      'Join more slowly, or raise the connection limits of the side that refuses (MAX_CONNECTIONS_PER_SECOND, MAX_PENDING_CONNECTIONS, MAX_CONNECTIONS); or another program listens there.',
    ),
  CONNECTION_LOST: () =>
    on('both', 'See in the evidence why it ended; a bootstrap peer is dialled again by itself.'),
  IDENTIFY_PENDING: wait,
  IDENTIFY_FAILED: () =>
    on(
      'target',
      'Give the target an identify service that answers within 5 s (rust-libp2p: an identify::Behaviour beside kad::Behaviour).',
    ),
  LIMITED_CONNECTION: () =>
    on('target', 'Give the target an address that can be dialled without a relay.'),
  CLIENT_MODE: (_, words) =>
    setting(words, words.serverMode, 'only servers are listed; as a client it is well as it is'),
  PROTOCOL_MISMATCH: ({ observer: { protocol } }, words) =>
    setting(words, words.protocol(protocol), `the observer speaks ${protocol}`),
  SERVER_MODE_NOT_PUSHED: (_, words) =>
    setting(words, words.identifyPush, 'it became a server after identify and pushed no identify'),
  NO_ADDRESS_ANNOUNCED: (seen, words) => announce(seen, words, 'it announces no address'),
  ONLY_PRIVATE_ADDRESSES: (seen, words) =>
    announce(seen, words, 'it announces only private addresses'),
  ONLY_PUBLIC_ADDRESSES: () => widerScope('the target announces only public addresses'),
  ADDRESSES_EXPIRED: noExpiry,
  STALE_SIGNED_RECORD: () => on('target', STALE),
  NO_ADDRESS_KNOWN: (seen, words) => announce(seen, words, 'no address of it is known'),
  PENDING: wait,
  PING_FAILED: () =>
    on('target', 'See the ping error in the evidence; its next identify makes a new attempt.'),
  PING_UNSUPPORTED: (_, words) =>
    setting(words, words.ping, 'the observer verifies new contacts by a ping'),
  BUCKET_FULL: ({ table: { bucket } }) => ({
    ...on('observer', 'Raise KAD_BUCKET_SIZE on the observer: no bucket may hold more contacts.'),
    ...(bucket !== null && { set: `KAD_BUCKET_SIZE=${bucket.capacity * 2}` }),
  }),
  IP_GROUP_FULL: () =>
    on(
      'target',
      'Give the target a public address in another network: this one is full at the observer.',
    ),
  ADMISSION_PROBE_FAILED: () =>
    on('target', 'See that the target answers FIND_NODE at the addresses that it announces.'),
  TABLE_UPDATE_TIMED_OUT: () =>
    on('observer', 'Let fewer peers join at once, or give the observer more CPU.'),
  EVICTED: () =>
    on('target', 'See in the evidence why; its next identify makes a new attempt to list it.'),
  LISTED_WITHOUT_ADDRESS: (seen, words) =>
    seen.identify.state === 'done' && seen.identify.announcedKept.length > 0
      ? noExpiry()
      : announce(seen, words, 'it cannot be named to others'),
  ADDRESS_REFUSED: deadAddress('ADDRESS_REFUSED'),
  ADDRESS_TIMED_OUT: deadAddress('ADDRESS_TIMED_OUT'),
  ADDRESS_WRONG_PORT: deadAddress('ADDRESS_WRONG_PORT'),
  ADDRESS_NO_HAIRPIN: noHairpin,
  ADDRESS_NAME_NOT_RESOLVED: deadAddress('ADDRESS_NAME_NOT_RESOLVED'),
  ADDRESS_NO_FAMILY: deadAddress('ADDRESS_NO_FAMILY'),
  ADDRESS_NO_ROUTE: deadAddress('ADDRESS_NO_ROUTE'),
  ADDRESS_OF_ANOTHER_PEER: deadAddress('ADDRESS_OF_ANOTHER_PEER'),
  ADDRESS_OF_OBSERVER: deadAddress('ADDRESS_OF_OBSERVER'),
  ADDRESS_DENIED: deadAddress('ADDRESS_DENIED'),
  ADDRESS_UNREACHABLE: deadAddress('ADDRESS_UNREACHABLE'),
  NOT_DIALLED_BACK: () =>
    on('observer', 'Ask the observer for a dial-back: /v1/discovery?dialBack=true.'),
}

function on(side: Remedy['on'], text: string): Remedy {
  return { on: side, text }
}

function wait(): Remedy {
  return on('both', 'Wait: it ends within seconds, one way or the other.')
}

function noExpiry(): Remedy {
  return on(
    'observer',
    'Let stored addresses not expire: createLibp2p({ peerStore: { maxAddressAge: Infinity, maxPeerAge: Infinity } }); a kadlab node does so.',
  )
}

function widerScope(why: string): Remedy {
  return {
    on: 'observer',
    set: 'ADDRESS_SCOPE=any',
    text: `Set ADDRESS_SCOPE=any on the observer, and on every node of this network: ${why}.`,
  }
}

/** One setting of the target's. */
function setting(words: Words, what: string, why: string): Remedy {
  return words.variables
    ? { on: 'target', set: what, text: `Set ${what} on the target: ${why}.` }
    : { on: 'target', text: `Give the target ${what}: ${why}.` }
}

/** The remedy of every target that announces the wrong addresses: the one at which the observer sees it. */
function announce(observation: Observation, words: Words, why: string): Remedy {
  const seen = seenAddress(observation)
  if (seen !== null) {
    const because = `${why}, and the observer sees it at ${seen.host}`
    const remedy = setting(words, words.announce(seen.multiaddr, seen.host), because)
    return seen.port === null
      ? remedy
      : { ...remedy, text: `${remedy.text} TCP ${seen.port} must be let in.` }
  }
  const { observer, connections } = observation
  const meetsPrivately = connections.some((one) => reachOf(one.remoteAddress) !== 'public')
  if (observer.scope === 'public' && meetsPrivately) {
    return widerScope(`${why}, and both sides meet in a private network`)
  }
  return on(
    'target',
    `Announce an address at which others can dial the target (PUBLIC_IP or ANNOUNCE): ${why}.`,
  )
}

/** The target is listed at an address that does not lead to it. */
function deadAddress(cause: Cause): Answer {
  return (observation, words) => {
    const { identify, kept } = observation
    if (identify.state === 'done' && identify.staleRecord) return on('target', STALE)
    const dead = mostTelling(freshDials(observation))?.address ?? 'its address'
    const seen = seenAddress(observation)
    const isAnnounced = kept.some((one) => hostPort(one)?.host === seen?.host)
    if (seen !== null && !isAnnounced) {
      return announce(observation, words, `${dead} does not lead to it`)
    }
    if (cause === 'ADDRESS_TIMED_OUT') {
      return on(
        'network',
        `Open or forward ${doorOf(dead)} at the target's router or security group: ${dead} does not answer.`,
      )
    }
    const general = CAUSES[cause].remedy
    return on('target', `${general[0]?.toUpperCase()}${general.slice(1)}: ${dead} does not.`)
  }
}

function wrongPeerId({ dials }: Observation): Remedy {
  const dial = dials.find(({ kind }) => kind === 'wrong-peer-id')
  const where = dial?.address ?? 'the address'
  return dial?.answeredBy === undefined
    ? on('observer', `Fix the /p2p/ part of ${where} in BOOTSTRAP: another peer answers there.`)
    : {
        on: 'observer',
        set: `BOOTSTRAP=${where}/p2p/${dial.answeredBy}`,
        text: `Fix BOOTSTRAP on the observer: at ${where} answers ${dial.answeredBy}.`,
      }
}

function noHairpin(observation: Observation): Remedy {
  const tried = [...observation.dials, ...freshDials(observation)]
  const dead = mostTelling(tried)?.address ?? 'its outside address'
  return on(
    'network',
    `Turn on hairpinning (NAT loopback) at the router behind which both stand, or announce private addresses beside, with ADDRESS_SCOPE=any: the router does not lead its own hosts to ${dead}.`,
  )
}

/** The address that decided. */
function dialled({ dials }: Observation): string {
  return mostTelling(dials)?.address ?? 'the address'
}

/** `TCP 3000`, as one says it to who runs a router. */
function doorOf(address: string): string {
  const port = hostPort(address)?.port ?? null
  return port === null ? 'the port' : `TCP ${port}`
}

import type { Cause, DialEvidence, Remedy } from './causes.ts'
import { implementationOf } from './implementation.ts'
import { isKademlia } from './kademlia-names.ts'
import { mostTelling } from './most-telling.ts'
import { hostPort, otherTransportOf, reachOf } from './multiaddr-facts.ts'
import { freshDials } from './observation.ts'
import type { Observation } from './observation.ts'
import { seenAddress } from './seen-address.ts'
import { type Setting, WORDS, type Words } from './words.ts'

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
  PATH_BLOCKED: unblock,
  NO_HAIRPIN: noHairpin,
  NAME_NOT_RESOLVED: (seen) =>
    on('target', `Fix the name in DNS, or use an IP address: ${dialled(seen)} does not resolve.`),
  NAME_IS_PRIVATE: (seen) => publicName(dialled(seen), errorOf(seen.dials)),
  NO_ADDRESS_FAMILY: (seen) =>
    on(
      'target',
      `Give the target an address in a family that both have: the observer has none for ${dialled(seen)}.`,
    ),
  DIAL_REFUSED: (seen) =>
    on('target', `Start the target, or fix the address: nothing listens at ${dialled(seen)}.`),
  DIAL_TIMED_OUT: (seen) => openDoor(dialled(seen)),
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
    on('both', `See why the dial of ${dialled(seen)} failed: ${errorOf(seen.dials)}.`),
  CONNECTION_SILENT: (seen) =>
    on(
      'target',
      `See whether the target still runs, and whether it is what listens there: ${dialled(seen)} accepts connections and says nothing.`,
    ),
  NOT_LIBP2P: (seen) =>
    on(
      'target',
      `Take the port on which libp2p listens: at ${dialled(seen)}, ${errorOf(seen.dials)}.`,
    ),
  PRIVATE_NETWORK: (seen) =>
    on(
      'both',
      `Give both sides the same swarm key (SWARM_KEY_FILE of kadlab), or none to either: at ${dialled(seen)}, ${errorOf(seen.dials)}.`,
    ),
  NO_COMMON_ENCRYPTER: (seen) =>
    on('target', `Give the target noise (/noise): ${dialled(seen)} refuses it.`),
  NO_COMMON_MUXER: (seen) =>
    on('target', `Give the target yamux (/yamux/1.0.0): ${dialled(seen)} refuses it.`),
  DENIED_AFTER_HANDSHAKE: (seen) =>
    on(
      'target',
      `See the target's connection gater, allow list and limits: ${dialled(seen)} ends the connection once it knows who dials.`,
    ),
  CONNECTION_DENIED: () =>
    on(
      'both',
      'Join more slowly, or raise the connection limits of the side that refuses (of a kadlab node MAX_CONNECTIONS_PER_SECOND, MAX_PENDING_CONNECTIONS, MAX_CONNECTIONS); or another program listens there.',
    ),
  CONNECTION_LOST: ({ closed }) =>
    on(
      'both',
      `See why it ended (${closed?.error ?? 'nothing was said'}); a bootstrap peer is dialled again by itself.`,
    ),
  IDENTIFY_PENDING: wait,
  IDENTIFY_FAILED: () =>
    on(
      'target',
      'Give the target an identify service that answers within 5 s (rust-libp2p: an identify::Behaviour beside kad::Behaviour).',
    ),
  LIMITED_CONNECTION: () =>
    on('target', 'Give the target an address that can be dialled without a relay.'),
  CLIENT_MODE: (_, words) =>
    setting(words.serverMode, 'only servers are listed; as a client it is well as it is'),
  PROTOCOL_MISMATCH: protocolMismatch,
  KADEMLIA_FAILED: ({ kademliaError }) =>
    on(
      'target',
      `See in the log of the target why it does not answer FIND_NODE: ${kademliaError ?? 'no answer came'}.`,
    ),
  SERVER_MODE_NOT_PUSHED: (_, words) =>
    setting(words.identifyPush, 'it became a server after identify and pushed no identify'),
  NO_ADDRESS_ANNOUNCED: (seen, words) => announce(seen, words, 'it announces no address'),
  ONLY_PRIVATE_ADDRESSES: (seen, words) =>
    announce(seen, words, 'it announces only private addresses'),
  ONLY_PUBLIC_ADDRESSES: () => widerScope('the target announces only public addresses'),
  ADDRESSES_EXPIRED: noExpiry,
  STALE_SIGNED_RECORD: () => on('target', STALE),
  NO_ADDRESS_KNOWN: (seen, words) => announce(seen, words, 'no address of it is known'),
  PENDING: wait,
  PING_FAILED: ({ ping }) =>
    on(
      'target',
      `See why the ping failed (${ping?.error ?? 'no answer'}); its next identify makes a new attempt.`,
    ),
  PING_UNSUPPORTED: (_, words) =>
    setting(words.ping, 'the observer verifies new contacts by a ping'),
  BUCKET_FULL: ({ table: { bucket } }) => ({
    ...on('observer', 'Raise KAD_BUCKET_SIZE on the observer: no bucket may hold more contacts.'),
    ...(bucket !== null && { set: `KAD_BUCKET_SIZE=${bucket.capacity * 2}` }),
  }),
  IP_GROUP_FULL: groupFull,
  ADMISSION_PROBE_FAILED: ({ table: { probeError } }) =>
    on(
      'target',
      `See that the target answers FIND_NODE: the observer lists no newcomer that does not (${probeError ?? 'no answer came'}).`,
    ),
  TABLE_UPDATE_TIMED_OUT: () =>
    on('observer', 'Let fewer peers join at once, or give the observer more CPU.'),
  EVICTED: ({ table: { removed } }) =>
    on(
      'target',
      `See why it was taken out (${removed ?? 'nothing was said'}); its next identify makes a new attempt to list it.`,
    ),
  LISTED_WITHOUT_ADDRESS: (seen, words) =>
    seen.identify.state === 'done' && seen.identify.announcedKept.length > 0
      ? noExpiry()
      : announce(seen, words, 'it cannot be named to others'),
  ADDRESS_REFUSED: deadAddress(refused),
  ADDRESS_TIMED_OUT: deadAddress(openDoor),
  ADDRESS_WRONG_PORT: deadAddress((dead) => elsewhere(`the port of ${dead} does not lead to it`)),
  ADDRESS_BLOCKED: unblock,
  ADDRESS_NO_HAIRPIN: noHairpin,
  ADDRESS_NAME_NOT_RESOLVED: deadAddress((dead) =>
    on('target', `Fix the name in DNS, or announce an IP address: ${dead} does not resolve.`),
  ),
  ADDRESS_NAME_PRIVATE: deadAddress((dead, seen) => publicName(dead, errorOf(freshDials(seen)))),
  ADDRESS_NO_FAMILY: deadAddress((dead) =>
    on(
      'target',
      `Announce an address in a family that both have: the observer has none for ${dead}.`,
    ),
  ),
  ADDRESS_NO_ROUTE: deadAddress((dead) => elsewhere(`no route leads to ${dead}`)),
  ADDRESS_OF_ANOTHER_PEER: deadAddress((dead, seen) =>
    elsewhere(`${answererOf(freshDials(seen))} answers at ${dead}`),
  ),
  ADDRESS_OF_OBSERVER: deadAddress((dead) =>
    elsewhere(`${dead} is the observer's own, as where two private networks share one range`),
  ),
  ADDRESS_SILENT: deadAddress((dead) =>
    on(
      'target',
      `See whether the target hangs, or announce an address that leads to it: ${dead} accepts connections and says nothing.`,
    ),
  ),
  ADDRESS_NOT_LIBP2P: deadAddress((dead, seen) =>
    elsewhere(`at ${dead}, ${errorOf(freshDials(seen))}`),
  ),
  ADDRESS_OTHER_TRANSPORT: ({ kept }) =>
    on(
      'target',
      `Announce a TCP address too: ${kept.join(' and ')} ${kept.length === 1 ? 'needs' : 'need'} a transport that not everybody speaks.`,
    ),
  ADDRESS_DENIED: deadAddress((dead) =>
    on(
      'target',
      `Announce an address that leads to the target, or raise its connection limits: what answers at ${dead} ends the connection before it is secured.`,
    ),
  ),
  ADDRESS_UNREACHABLE: deadAddress((dead, seen) =>
    on('both', `See why the dial of ${dead} failed: ${errorOf(freshDials(seen))}.`),
  ),
  NOT_DIALLED_BACK: () =>
    on('observer', 'Ask the observer for a dial-back: /v1/discovery?dialBack=true.'),
}

function groupFull({ observer, table: { fullGroup } }: Observation): Remedy {
  if (fullGroup === null) {
    return on(
      'target',
      'Give the target a public address in another network: this one is full at the observer.',
    )
  }
  const { network, limit, sharedBits } = fullGroup
  // The limit of a peer of another implementation is built in.
  if (observer.scope !== null) {
    return on(
      'observer',
      `Raise MAX_LISTED_PER_NETWORK on the observer, if the peers of ${network} are yours.`,
    )
  }
  const whose = sharedBits === undefined ? '' : ' whose ids begin alike'
  return on(
    'target',
    `Give the target a public address outside ${network}: the observer lists ${limit} peers of it${whose}, and no more.`,
  )
}

function on(side: Remedy['on'], text: string): Remedy {
  return { on: side, text }
}

function unblock(): Remedy {
  return on(
    'network',
    'Unblock the two in a step of the scenario, heal all, or plug the cable in again: it lets nothing pass.',
  )
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
    text: `Set ADDRESS_SCOPE=any on the observer, and on every kadlab node of this network (the doctor: --scope any --dial-private): ${why}.`,
  }
}

/** One setting of the target's. */
function setting({ paste, text }: Setting, why: string): Remedy {
  const remedy = on('target', `${text}: ${why}.`)
  return paste === null ? remedy : { ...remedy, set: paste }
}

function protocolMismatch({ identify, observer }: Observation, words: Words): Remedy {
  const named = identify.state === 'done' ? identify.protocols : []
  const offered = named.filter((protocol) => isKademlia(protocol)).join(' and ')
  const spoken = `the observer speaks ${observer.protocol}`
  return setting(
    words.protocol(observer.protocol),
    offered === '' ? spoken : `${spoken}, the target ${offered}`,
  )
}

/** The remedy of every target that announces the wrong addresses: the one at which the observer sees it. */
function announce(observation: Observation, words: Words, why: string): Remedy {
  const seen = seenAddress(observation)
  if (seen !== null) {
    const because = `${why}, and the observer sees it at ${seen.isForwarded ? seen.multiaddr : seen.host}`
    const remedy = setting(
      words.announce(seen.multiaddr, seen.isForwarded ? null : seen.host),
      because,
    )
    return seen.port === null || seen.isOpen
      ? remedy
      : { ...remedy, text: `${remedy.text} TCP ${seen.port} must be let in.` }
  }
  const { observer, connections } = observation
  const meetsPrivately = connections.some((one) => reachOf(one.remoteAddress) === 'private')
  if (observer.scope === 'public' && meetsPrivately) {
    return widerScope(`${why}, and both sides meet in a private network`)
  }
  const meetsOnOneMachine = connections.some((one) => reachOf(one.remoteAddress) === 'loopback')
  return setting(
    words.announceAny,
    meetsOnOneMachine
      ? `${why}. Over loopback its public address cannot be seen: ask from another machine. In a private network alone, ADDRESS_SCOPE=any on every kadlab node does (the doctor: --scope any --dial-private)`
      : why,
  )
}

/**
 * The target is listed at an address that does not lead to it.
 *
 * @param otherwise what to do where the address is the one at which the target is seen, or where it is not seen
 */
function deadAddress(otherwise: (dead: string, observation: Observation) => Remedy): Answer {
  return (observation, words) => {
    const { identify, kept } = observation
    if (identify.state === 'done' && identify.staleRecord) return on('target', STALE)
    const dead = mostTelling(freshDials(observation))?.address ?? 'its address'
    const seen = seenAddress(observation)
    const isAnnounced = kept.some((one) => hostPort(one)?.host === seen?.host)
    return seen !== null && !isAnnounced
      ? announce(observation, words, `${dead} does not lead to it`)
      : otherwise(dead, observation)
  }
}

function publicName(address: string, error: string): Remedy {
  return on(
    'target',
    `Let the name in ${address} lead to the public address, or dial private ones too in a private network (DIAL_PRIVATE=yes of kadlab; the doctor: --dial-private): ${error}.`,
  )
}

function elsewhere(why: string): Remedy {
  return on('target', `Announce an address that leads to the target: ${why}.`)
}

/** Who was connected and is not, and whose port is closed now, has most likely ended. */
function refused(dead: string, { connections, closed }: Observation): Remedy {
  return connections.length === 0 && closed !== null
    ? on('target', `Start the target again: it was connected, and nothing listens at ${dead} now.`)
    : on(
        'target',
        `Start the target, or announce an address that leads to it: nothing listens at ${dead}.`,
      )
}

/** Who answers in the place of the target. */
function answererOf(dials: readonly DialEvidence[]): string {
  return dials.find(({ answeredBy }) => answeredBy !== undefined)?.answeredBy ?? 'another peer'
}

/** The error of the dial that decided. */
function errorOf(dials: readonly DialEvidence[]): string {
  return mostTelling(dials)?.error?.replace(/\.$/, '') ?? 'the error is not known'
}

function wrongPeerId({ dials }: Observation): Remedy {
  const dial = dials.find(({ kind }) => kind === 'wrong-peer-id')
  const where = dial?.address ?? 'the address'
  if (dial?.answeredBy === undefined) {
    return on(
      'observer',
      `Fix the /p2p/ part of ${where} in BOOTSTRAP: another peer answers there.`,
    )
  }
  const right = `${where}/p2p/${dial.answeredBy}`
  // BOOTSTRAP takes addresses over TCP alone.
  return otherTransportOf(where) === null
    ? {
        on: 'observer',
        set: `BOOTSTRAP=${right}`,
        text: `Fix BOOTSTRAP on the observer: at ${where} answers ${dial.answeredBy}.`,
      }
    : on('observer', `Dial ${right}: that is who answers there.`)
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

function openDoor(dead: string): Remedy {
  return on(
    'network',
    `Open or forward ${doorOf(dead)} at the target's router or security group: ${dead} does not answer.`,
  )
}

/** `TCP 3000`, as one says it to who runs a router. */
function doorOf(address: string): string {
  const port = hostPort(address)?.port ?? null
  if (port === null) return 'the port'
  return `${address.includes('/udp/') ? 'UDP' : 'TCP'} ${port}`
}

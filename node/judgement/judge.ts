import { CAUSES } from './causes.ts'
import type { Cause, DialErrorKind, DialEvidence } from './causes.ts'
import { deadAddresses, evidenceFor } from './evidence.ts'
import { isKademlia, lanTwinOf } from './kademlia-names.ts'
import type { Rung } from './ladder.ts'
import { mostTelling } from './most-telling.ts'
import { hostPort, otherTransportOf } from './multiaddr-facts.ts'
import { freshDials } from './observation.ts'
import type { Observation } from './observation.ts'
import { remedyFor } from './remedy.ts'
import type { Sighting } from './sighting.ts'

/**
 * Says how far a target has come at an observer, why no further, and what to do about it.
 *
 * Pure and total: each observation has one answer; the cause is null on the top rung and there alone, and it is a cause
 * of the rung (`CAUSES[cause].rung`).
 */
export function judge(observation: Observation): Sighting {
  const cause = causeOf(observation)
  const rung: Rung = cause === null ? 'dialable' : CAUSES[cause].rung
  const { identify } = observation
  return {
    peerId: observation.peerId,
    rung,
    connected: observation.connections.length > 0,
    listed: observation.table.listed,
    dialable: dialableOf(observation),
    announced: identify.state === 'done' ? identify.announced : null,
    cause,
    evidence: cause === null ? deadAddresses(observation) : evidenceFor(cause, observation),
    remedy: cause === null ? null : remedyFor(cause, observation),
  }
}

function causeOf(observation: Observation): Cause | null {
  if (observation.table.listed) return causeOfListed(observation)
  if (observation.connections.length === 0) return causeOfUnconnected(observation)
  const { identify } = observation
  if (identify.state !== 'done') {
    if (observation.confirmedKademlia && observation.kept.length === 0) return 'NO_ADDRESS_KNOWN'
    if (observation.confirmedKademlia) return causeOfAddressable(observation)
    return identify.state === 'failed' ? 'IDENTIFY_FAILED' : 'IDENTIFY_PENDING'
  }
  if (!observation.confirmedKademlia) {
    if (observation.connections.every(({ limited }) => limited)) return 'LIMITED_CONNECTION'
    const { protocol } = observation.observer
    if (!identify.protocols.includes(protocol)) {
      return causeOfNoKademlia(observation, identify.protocols)
    }
    if (observation.kademliaError !== null) return 'KADEMLIA_FAILED'
  }
  if (observation.kept.length === 0) return causeOfNoAddress(observation, identify)
  return causeOfAddressable(observation)
}

/** Why there is no connection, by how the dial failed. */
export const CAUSE_OF_DIAL: Readonly<Record<DialErrorKind, Cause>> = {
  refused: 'DIAL_REFUSED',
  'timed-out': 'DIAL_TIMED_OUT',
  'no-route': 'DIAL_NO_ROUTE',
  'name-not-resolved': 'NAME_NOT_RESOLVED',
  'private-name': 'NAME_IS_PRIVATE',
  'no-family': 'NO_ADDRESS_FAMILY',
  'wrong-peer-id': 'WRONG_PEER_ID',
  'own-address': 'DIAL_OWN_ADDRESS',
  denied: 'CONNECTION_DENIED',
  silent: 'CONNECTION_SILENT',
  'not-libp2p': 'NOT_LIBP2P',
  'private-network': 'PRIVATE_NETWORK',
  'no-encrypter': 'NO_COMMON_ENCRYPTER',
  'no-muxer': 'NO_COMMON_MUXER',
  'denied-after-handshake': 'DENIED_AFTER_HANDSHAKE',
  other: 'DIAL_FAILED',
}

/** Why there is no connection to a target that is not listed either. */
export function causeOfUnconnected({
  dials,
  denied,
  closed,
  stored,
  observer,
}: Pick<Observation, 'dials' | 'denied' | 'closed' | 'stored' | 'observer'>): Cause {
  const failure = mostTelling(dials)
  if (failure !== null) {
    return isHairpin(failure, observer) ? 'NO_HAIRPIN' : CAUSE_OF_DIAL[failure.kind ?? 'other']
  }
  if (denied !== null) return 'CONNECTION_DENIED'
  if (closed !== null) return 'CONNECTION_LOST'
  if (stored.length > 0) return 'NEVER_DIALLED'
  return observer.connections === 0 ? 'NOT_JOINED' : 'NOT_TOLD'
}

/** The address that does not answer is one under which the observer itself is seen: the router of both does not hairpin. */
function isHairpin({ kind, address }: DialEvidence, { hosts }: Observation['observer']): boolean {
  const host = hostPort(address)?.host
  return kind === 'timed-out' && host !== undefined && hosts.includes(host)
}

function causeOfNoKademlia(observation: Observation, protocols: string[]): Cause {
  const { protocolsNow, observer } = observation
  if (protocolsNow?.includes(observer.protocol) === true) return 'SERVER_MODE_NOT_PUSHED'
  // A dual Kademlia serves its LAN twin always, and the network's own only as a server.
  const twin = lanTwinOf(observer.protocol)
  const speaksAnother = protocols.some((one) => isKademlia(one) && one !== twin)
  return speaksAnother ? 'PROTOCOL_MISMATCH' : 'CLIENT_MODE'
}

function causeOfNoAddress(
  { stored, observer }: Observation,
  identify: Extract<Observation['identify'], { state: 'done' }>,
): Cause {
  if (identify.announced.length === 0) return 'NO_ADDRESS_ANNOUNCED'
  if (identify.staleRecord && identify.announcedKept.length > 0) return 'STALE_SIGNED_RECORD'
  if (identify.announcedKept.length > 0 && stored.length === 0) return 'ADDRESSES_EXPIRED'
  return observer.scope === 'private' ? 'ONLY_PUBLIC_ADDRESSES' : 'ONLY_PRIVATE_ADDRESSES'
}

function causeOfAddressable(observation: Observation): Cause {
  const { table, ping, identify, observer, settled } = observation
  if (table.update === 'running') return 'PENDING'
  if (table.fullGroup !== null) return 'IP_GROUP_FULL'
  if (table.probeError !== null) return 'ADMISSION_PROBE_FAILED'
  if (table.removed !== null) return 'EVICTED'
  if (table.update === 'none' && !settled) return 'PENDING'
  if (ping !== null && !ping.ok) {
    const speaksPing =
      identify.state !== 'done' ||
      observer.pingProtocol === null ||
      identify.protocols.includes(observer.pingProtocol)
    return speaksPing ? 'PING_FAILED' : 'PING_UNSUPPORTED'
  }
  if (table.bucket !== null && table.bucket.contacts >= table.bucket.capacity) return 'BUCKET_FULL'
  return 'TABLE_UPDATE_TIMED_OUT'
}

const CAUSE_OF_DIAL_BACK: Readonly<Record<DialErrorKind, Cause>> = {
  refused: 'ADDRESS_REFUSED',
  'timed-out': 'ADDRESS_TIMED_OUT',
  'no-route': 'ADDRESS_NO_ROUTE',
  'name-not-resolved': 'ADDRESS_NAME_NOT_RESOLVED',
  'private-name': 'ADDRESS_NAME_PRIVATE',
  'no-family': 'ADDRESS_NO_FAMILY',
  'wrong-peer-id': 'ADDRESS_OF_ANOTHER_PEER',
  'own-address': 'ADDRESS_OF_OBSERVER',
  denied: 'ADDRESS_DENIED',
  silent: 'ADDRESS_SILENT',
  'not-libp2p': 'ADDRESS_NOT_LIBP2P',
  // The target itself has shaken hands with the observer: who cannot is another.
  'private-network': 'ADDRESS_OF_ANOTHER_PEER',
  'no-encrypter': 'ADDRESS_OF_ANOTHER_PEER',
  'no-muxer': 'ADDRESS_OF_ANOTHER_PEER',
  'denied-after-handshake': 'ADDRESS_DENIED',
  other: 'ADDRESS_UNREACHABLE',
}

function causeOfListed(observation: Observation): Cause | null {
  if (observation.kept.length === 0) return 'LISTED_WITHOUT_ADDRESS'
  const tried = freshDials(observation)
  if (tried.some(({ ok }) => ok)) return null
  const isTried = (address: string): boolean => tried.some((dial) => dial.address === address)
  const needOthers = observation.kept.every(
    (address) => otherTransportOf(address) !== null && !isTried(address),
  )
  if (needOthers) return 'ADDRESS_OTHER_TRANSPORT'
  const failure = mostTelling(tried)
  if (failure === null) return 'NOT_DIALLED_BACK'
  if (isHairpin(failure, observation.observer)) return 'ADDRESS_NO_HAIRPIN'
  return CAUSE_OF_DIAL_BACK[failure.kind ?? 'other']
}

function dialableOf(observation: Observation): boolean | null {
  // Without an address there is nothing to try, and nothing to hope for.
  if (observation.table.listed && observation.kept.length === 0) return false
  const tried = freshDials(observation)
  return tried.length === 0 ? null : tried.some(({ ok }) => ok)
}

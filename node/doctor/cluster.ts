import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import type { Cause } from '../judgement/causes.ts'
import { systemClock } from '../time/clock.ts'
import { within } from '../time/deadline.ts'
import { azureAdvice } from './azure-advice.ts'
import type { Diagnosis } from './diagnosis.ts'
import { examine, type ExamineOptions } from './examine.ts'
import { closerPeers } from './find-node.ts'
import type { Host, Hosts } from './hosts.ts'
import { createStranger, endStranger, type ExamineComponents } from './stranger.ts'

/** Hosts examined at a time: each dials on its own. */
const AT_A_TIME = 10

/** What the doctor found of a deployed cluster. */
export interface ClusterDiagnosis {
  schema: 'kadlab.doctor-cluster/1'
  name: string
  /** True where each host is healthy and lists all others. */
  healthy: boolean
  hosts: HostDiagnosis[]
  /** Who lists whom, one entry for each pair. */
  listings: Listing[]
}

export interface HostDiagnosis {
  name: string
  diagnosis: Diagnosis
  /** What it should run, where the list of hosts says it, and what it runs. */
  release: { wanted: string; seen: string | null } | null
  /** What to do about it in the cloud's words; null where the diagnosis says all there is, or nothing is wrong. */
  advice: string | null
}

export interface Listing {
  observer: string
  target: string
  /** Null where the observer could not be asked, or the target's peer id is not known. */
  listed: boolean | null
  /** Why the target is not listed, as far as the doctor's own examination of it tells. */
  cause: Cause | null
  remedy: string | null
}

/**
 * Examines each host of a deployed cluster from here, and asks each by Kademlia which of the others it lists.
 *
 * @throws the signal's reason where it aborts
 */
export async function examineCluster(
  hosts: Hosts,
  options: Omit<ExamineOptions, 'protocol'>,
  components: ExamineComponents = {},
): Promise<ClusterDiagnosis> {
  const examined = { ...options, protocol: hosts.protocol }
  const found = await eachHost(hosts.hosts, async (host) => {
    const diagnosis = await examine(addressOf(host), examined, components)
    return { host, diagnosis, peerId: diagnosis.peerId ?? host.peerId }
  })
  const listings = await eachHost(found, async (observer) => {
    const targets = found.filter((target) => target !== observer)
    const ids = targets.flatMap(({ peerId }) => (peerId === null ? [] : [peerId]))
    const listed = await askWhoIsListed(observer.host, ids, examined, components)
    return targets.map((target): Listing => {
      const isListed = listed === null || target.peerId === null ? null : listed.has(target.peerId)
      return {
        observer: observer.host.name,
        target: target.host.name,
        listed: isListed,
        ...whyNot(isListed, observer, target),
      }
    })
  })
  const flat = listings.flat()
  return {
    schema: 'kadlab.doctor-cluster/1',
    name: hosts.name,
    healthy:
      found.every(({ diagnosis }) => diagnosis.healthy) &&
      flat.every(({ listed }) => listed === true),
    hosts: found.map(({ host, diagnosis }) => ({
      name: host.name,
      diagnosis,
      release: host.release === undefined ? null : releaseOf(host.release, diagnosis),
      advice: azureAdvice(host, diagnosis),
    })),
    listings: flat,
  }
}

interface Found {
  host: Host
  diagnosis: Diagnosis
  peerId: string | null
}

function addressOf({ multiaddr: address, peerId }: Host): string {
  return peerId === null || address.includes('/p2p/') ? address : `${address}/p2p/${peerId}`
}

function releaseOf(wanted: string, { agent }: Diagnosis): { wanted: string; seen: string | null } {
  return { wanted, seen: /\+([A-Za-z0-9.-]+)$/.exec(agent ?? '')?.[1] ?? null }
}

function whyNot(
  listed: boolean | null,
  observer: Found,
  target: Found,
): Pick<Listing, 'cause' | 'remedy'> {
  if (listed === true) return { cause: null, remedy: null }
  const broken = listed === null && target.peerId !== null ? observer : target
  const { cause, remedy } = broken.diagnosis.sighting
  if (!broken.diagnosis.healthy) {
    return { cause, remedy: azureAdvice(broken.host, broken.diagnosis) ?? remedy?.text ?? null }
  }
  const text = `${target.host.name} is well as seen from here: ask ${observer.host.name} itself for its ladder (GET /v1/discovery)`
  return { cause: null, remedy: text }
}

/** Which of the peers a host lists; null where it cannot be asked. */
async function askWhoIsListed(
  host: Host,
  peerIds: readonly string[],
  { protocol, timeoutMs, signal }: ExamineOptions,
  components: ExamineComponents,
): Promise<Set<string> | null> {
  // Hosts are dialled, wherever their names lead.
  const libp2p = await createStranger(components, null, timeoutMs)
  try {
    return await within(components.clock ?? systemClock, timeoutMs, signal, async (inTime) => {
      const connection = await libp2p.dial(multiaddr(addressOf(host)), { signal: inTime })
      const listed = new Set<string>()
      // A table's answer holds the peers closest to the key: whoever is asked for comes first, if it is listed.
      for (const peerId of peerIds) {
        const key = peerIdFromString(peerId).toMultihash().bytes
        const closer = await closerPeers(connection, protocol, key, { signal: inTime })
        if (closer.includes(peerId)) listed.add(peerId)
      }
      return listed
    })
  } catch {
    signal?.throwIfAborted()
    return null
  } finally {
    await endStranger(libp2p, components)
  }
}

async function eachHost<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let from = 0; from < items.length; from += AT_A_TIME) {
    results.push(...(await Promise.all(items.slice(from, from + AT_A_TIME).map(work))))
  }
  return results
}

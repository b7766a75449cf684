import type { Sighting } from '../judgement/sighting.ts'
import type { ClusterDiagnosis } from './cluster.ts'
import type { Diagnosis } from './diagnosis.ts'
import type { OwnSide } from './own-side.ts'

/** What an examination found, one value under each name. What differs each time (how long a ping took) is no part of it. */
export type Facts = ReadonlyMap<string, string>

/** What was found of one peer. */
export function diagnosisFacts(diagnosis: Diagnosis, prefix = ''): Facts {
  const { healthy, peerId, agent, checks, announced, sighting } = diagnosis
  const { rung, cause } = sighting
  const facts = new Map([
    ['healthy', healthy ? 'yes' : 'no'],
    ['peer id', peerId ?? 'nobody answers'],
    ['agent', agent ?? 'unknown'],
    ['rung', cause === null ? rung : `${rung}, ${cause}`],
  ])
  for (const { name, ok } of checks) {
    facts.set(name, ok === null ? 'not tried' : ok ? 'works' : 'fails')
  }
  for (const { address, state } of announced ?? []) facts.set(address, state)
  return new Map([...facts].map(([name, value]) => [`${prefix}${name}`, value]))
}

/** What was found of several peers, and who lists whom. */
export function clusterFacts({ hosts, listings }: ClusterDiagnosis): Facts {
  return new Map([
    ...hosts.flatMap(({ name, diagnosis }) => [...diagnosisFacts(diagnosis, `${name}: `)]),
    ...listings.map(({ observer, target, listed }): [string, string] => [
      `${observer} lists ${target}`,
      listed === null ? 'unknown' : listed ? 'yes' : 'no',
    ]),
  ])
}

/** How each peer stands at a running node. */
export function sightingFacts(
  sightings: readonly Sighting[],
  names: ReadonlyMap<string, string>,
): Facts {
  return new Map(
    sightings.map(({ peerId, rung, cause }) => [
      names.get(peerId) ?? peerId,
      cause === null ? rung : `${rung}, ${cause}`,
    ]),
  )
}

/** What peers see of one's own side. */
export function ownSideFacts({ views, mapping, ports, carrier }: OwnSide): Facts {
  return new Map([
    ['mapping', mapping ?? 'unknown'],
    ['ports', ports ?? 'unknown'],
    ['carrier', carrier],
    ...views.map(({ via, observed }): [string, string] => [
      via,
      observed === null ? 'does not say where it sees this side' : `sees ${observed.host}`,
    ]),
  ])
}

/** What is there now and was not, is another, or is gone: one line each, in the order of what is there now. */
export function changesBetween(before: Facts, after: Facts): string[] {
  const changed = [...after].flatMap(([name, value]) => {
    const old = before.get(name)
    if (old === value) return []
    return [old === undefined ? `${name}: ${value}` : `${name}: ${old} → ${value}`]
  })
  const gone = [...before.keys()].filter((name) => !after.has(name))
  return [...changed, ...gone.map((name) => `${name}: gone`)]
}

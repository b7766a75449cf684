import type { AddressGroup } from '../judgement/address-group.ts'

/** Where a peer is, or says that it is: no groups for private addresses, and where nothing is known. */
export type Whereabouts = readonly AddressGroup[]

/** With fewer peers outside of crowds than that, there is nobody whose word counts more than theirs. */
const LEAST_WITNESSES = 3

/** Some of the peers closest to a place. */
export interface Picked<Each> {
  /** Closest first. */
  chosen: Each[]
  /** Those of `chosen` that are in no crowd; everybody where these are too few. */
  witnesses: Each[]
  /** Hosts and networks that have more peers near the place than their share. Empty where everybody is a witness. */
  crowds: ReadonlySet<string>
}

export interface Picking<Each> {
  /** Peers that are wanted. */
  count: number
  whereIs: (each: Each) => Whereabouts
  /** False for one that takes of the share of its host, and no place. Default: none. */
  isWanted?: (each: Each) => boolean
  /** Places that no other peer takes are for those of crowds too. Default: only where witnesses are too few. */
  fill?: boolean
}

/**
 * Picks the peers closest to a place, of one host at most a quarter and of one network fewer than half of them: peer ids
 * cost nothing, so whoever makes enough of them is closest to whatever it wants to hide. Private addresses are those of
 * one's own network, and not bounded.
 */
export function pickDiverse<Each>(
  closestFirst: readonly Each[],
  { count, whereIs, isWanted = () => true, fill = false }: Picking<Each>,
): Picked<Each> {
  const most = { host: Math.max(1, Math.floor(count / 4)), network: Math.max(2, (count - 1) >> 1) }
  const counts = new Map<string, number>()
  const crowds = new Set<string>()
  const chosen: Each[] = []
  const groupsOf = (each: Each): Map<string, number> =>
    new Map(
      whereIs(each).flatMap(({ host, network }) => [
        [host, most.host],
        [network, most.network],
      ]),
    )
  for (const each of closestFirst) {
    if (chosen.length >= count) break
    const groups = [...groupsOf(each)]
    const full = groups.filter(([name, share]) => (counts.get(name) ?? 0) >= share)
    for (const [name] of full) crowds.add(name)
    if (full.length > 0) continue
    for (const [name] of groups) counts.set(name, (counts.get(name) ?? 0) + 1)
    if (isWanted(each)) chosen.push(each)
  }
  if (crowds.size === 0) return { chosen, witnesses: chosen, crowds }
  const witnesses = chosen.filter((each) => !isOfCrowd(whereIs(each), crowds))
  const areEnough = witnesses.length >= LEAST_WITNESSES
  if (!areEnough || fill) {
    const inCrowd = closestFirst.filter((each) => isWanted(each) && !chosen.includes(each))
    const all = new Set([...chosen, ...inCrowd.slice(0, count - chosen.length)])
    chosen.splice(0, chosen.length, ...closestFirst.filter((each) => all.has(each)))
  }
  if (!areEnough) return { chosen, witnesses: chosen, crowds: new Set() }
  return { chosen, witnesses, crowds }
}

export function isOfCrowd(whereabouts: Whereabouts, crowds: ReadonlySet<string>): boolean {
  return whereabouts.some(({ host, network }) => crowds.has(host) || crowds.has(network))
}

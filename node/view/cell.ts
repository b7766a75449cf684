import { peerNameOf } from '../base/peer-name.ts'
import type { Sighting } from '../judgement/sighting.ts'

/** One square of the observer × target matrix: what an observer says of a target, both by name. */
export interface Cell extends Omit<Sighting, 'peerId' | 'announced'> {
  observer: string
  target: string
  /**
   * Why it is no finding though it is below the top rung: an expectation says that it must be so, or a setting of the target does
   * (a client by design). Left out where it is one, or where nobody knows what was meant.
   */
  meant?: 'expected' | 'set' | undefined
}

/** What people read of a cell that is as it was meant to be. */
export const MEANT = { expected: 'as expected', set: 'as set' } as const

/** How many addresses a dialable target announces in vain, and of how many that were tried; null where none is dead. */
export function deadOf({ rung, evidence }: Cell): { dead: number; tried: number } | null {
  const dials = rung === 'dialable' ? (evidence?.dials ?? []) : []
  const dead = dials.filter(({ ok }) => !ok).length
  return dead === 0 ? null : { dead, tried: dials.length }
}

/** `1 of 2 addresses is dead`. */
export function deadText({ dead, tried }: { dead: number; tried: number }): string {
  return `${dead} of ${tried} addresses ${dead === 1 ? 'is' : 'are'} dead`
}

/** What people read of such a target. */
export const DEAD_ADVICE =
  'Announce only what answers: who joins tries the dead addresses too, and waits for each.'

/** Cells, and who stands in the rows and columns of their matrix. */
export interface DiscoveryView {
  cells: readonly Cell[]
  /** Names, in the order of the rows. */
  observers: readonly string[]
  /** Names, in the order of the columns. */
  targets: readonly string[]
  /** Pairs that are left out of the cells: the observer was told of the target by others, and that is all. */
  onlyHeardOf?: number
  /** Of cells that have no way to each other: those that nobody asked for, of which a count is enough. Default: none. */
  isUnasked?: (cell: Cell) => boolean
  /** In numbers, and not as a matrix. Default: false. */
  isShort?: boolean
}

/** What one node says of all others. */
export interface Account {
  peerId: string
  sightings: readonly Sighting[]
}

/**
 * What some nodes say, ready to be shown.
 *
 * @param names - by peer id; each is a column, heard of or not. Of the others, those that were only heard of (an answer to a
 * lookup names twenty) are counted and left out
 */
export function discoveryView(
  accounts: readonly Account[],
  names: ReadonlyMap<string, string>,
): DiscoveryView {
  const nameOf = (peerId: string): string => peerNameOf(peerId, names)
  const observers = accounts.map(({ peerId }) => nameOf(peerId))
  const isWorthACell = ({ peerId, cause }: Sighting): boolean =>
    cause !== 'NEVER_DIALLED' || names.has(peerId)
  const told = accounts.map((account) =>
    account.sightings.filter(isWorthACell).map((sighting): Cell => {
      const { peerId, rung, connected, listed, dialable, cause, evidence, remedy } = sighting
      const pair = { observer: nameOf(account.peerId), target: nameOf(peerId) }
      return { ...pair, rung, connected, listed, dialable, cause, evidence, remedy }
    }),
  )
  const heardOf = told.flat().map(({ target }) => target)
  const targets = [...new Set([...names.values(), ...observers, ...heardOf])]
  const place = (cell: Cell): number => targets.indexOf(cell.target)
  const cells = told.flatMap((row) => row.toSorted((one, other) => place(one) - place(other)))
  const all = accounts.reduce((sum, { sightings }) => sum + sightings.length, 0)
  return { cells, observers, targets, onlyHeardOf: all - cells.length }
}

import type { NodeEvent } from '#node/events/node-event.ts'
import { CAUSES, type CauseMeaning } from '#node/judgement/causes.ts'
import type { Sighting } from '#node/judgement/sighting.ts'
import type { Clock } from '#node/time/clock.ts'
import { within } from '#node/time/deadline.ts'
import type { Cell } from '#node/view/cell.ts'
import type { LabNodes } from '../words/lab-nodes.ts'
import type { Watch } from './watch.ts'

const WAKING: ReadonlySet<NodeEvent['event']> = new Set([
  'sighting',
  'identified',
  'listed',
  'unlisted',
])

/** Longest wait for verdicts that pass by themselves: cells are read again after the next event. */
const SETTLE_MS = 15_000
/** Kinds of passing that end within that time. */
const WAITED_FOR: ReadonlySet<CauseMeaning['passes']> = new Set(['soon', 'retried'])

export interface CellComponents {
  nodes: LabNodes
  watch: Watch
  clock: Clock
}

/**
 * The observer × target matrix: every running observer's judgement of every other node, after a dial-back.
 * An observer that does not answer has cells without an answer.
 */
export async function collectCells(
  observers: readonly string[],
  targets: readonly string[],
  { nodes, watch, clock }: CellComponents,
  { signal }: { signal: AbortSignal },
): Promise<Cell[]> {
  let cells: Cell[] = []
  const settle = async (patience: AbortSignal): Promise<Cell[]> => {
    for (;;) {
      const count = watch.count
      cells = await readCells(observers, targets, nodes, { signal })
      const passing = cells.some(
        ({ cause }) => cause !== null && WAITED_FOR.has(CAUSES[cause].passes),
      )
      if (!passing || patience.aborted) return cells
      await watch.after(count, WAKING, { signal: patience })
    }
  }
  return within(clock, SETTLE_MS, signal, settle, () => cells)
}

/** Whether a cell is of a kind that passes, or may: one has not met the other so far, say. */
export function mayChange({ cause }: Cell): boolean {
  return cause !== null && CAUSES[cause].passes !== undefined
}

/** A dial times out within this, and a lookup that waited for it goes on. */
const QUIET_MS = 10_000
/** Longest wait for quiet. */
const UNQUIET_MS = 60_000

/**
 * Resolves once no node has seen another differently for a while, or after a minute: where nothing was expected, nothing else says
 * when the nodes have found whom they find.
 */
export async function untilQuiet(
  { watch, clock }: Pick<CellComponents, 'watch' | 'clock'>,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const endsAt = clock.now() + UNQUIET_MS
  let quiet = false
  while (!quiet && clock.now() < endsAt) {
    const { count } = watch
    quiet = await within(
      clock,
      Math.min(QUIET_MS, endsAt - clock.now()),
      signal,
      async (patience) => {
        await watch.after(count, WAKING, { signal: patience })
        return false
      },
      () => true,
    )
  }
}

async function readCells(
  observers: readonly string[],
  targets: readonly string[],
  nodes: LabNodes,
  { signal }: { signal: AbortSignal },
): Promise<Cell[]> {
  const rows = await Promise.all(
    observers.map(async (observer): Promise<Cell[]> => {
      const others = targets.filter((target) => target !== observer)
      if (others.length === 0) return []
      const sightings = await sightingsOf(observer, others, nodes, { signal })
      return others.flatMap((target): Cell[] => {
        const peerId = nodes.peerId(target)
        const sighting = sightings.find((each) => each.peerId === peerId)
        if (sighting === undefined) return []
        const { rung, connected, listed, dialable, cause, evidence, remedy } = sighting
        return [{ observer, target, rung, connected, listed, dialable, cause, evidence, remedy }]
      })
    }),
  )
  return rows.flat()
}

/** An observer that does not answer (it ended, its API failed) says nothing. */
async function sightingsOf(
  observer: string,
  others: readonly string[],
  nodes: LabNodes,
  { signal }: { signal: AbortSignal },
): Promise<Sighting[]> {
  const targets = others.map((target) => nodes.peerId(target))
  try {
    return await nodes.api(observer).discovery({ dialBack: true, targets, signal })
  } catch {
    signal.throwIfAborted()
    return []
  }
}

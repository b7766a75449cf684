import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** Something that happens in a churn, so long after it began. */
export type ChurnMoment =
  | { atMs: number; what: 'start' | 'stop' | 'kill'; node: string }
  | { atMs: number; what: 'read'; node: string }

export interface ChurnSpec {
  nodes: readonly string[]
  durationMs: number
  /** Between two nodes that come or go, on average. */
  changeMs: number
  seed: number
}

/** Between two reads. */
export const READ_EVERY_MS = 10_000

/**
 * Who comes and goes when, and who reads: all from the seed. At most half of the nodes are away at a time; half of those that leave are
 * killed. In the end whoever is away comes back.
 */
export function churnSchedule({ nodes, durationMs, changeMs, seed }: ChurnSpec): ChurnMoment[] {
  // Of small seeds that are near each other, the first numbers would be too.
  const generator = xoroshiro128plus(Math.imul(seed + 1, 0x9e37_79b9))
  const fraction = (): number => uniformFloat64(generator)
  const drawn = (from: readonly string[]): string =>
    from[Math.floor(fraction() * from.length)] ?? ''
  /** Memoryless, as crowds come and go. */
  const pauseMs = (): number => Math.ceil(-Math.log(1 - fraction()) * changeMs)
  const away: string[] = []
  const moments: ChurnMoment[] = []
  let changeAtMs = pauseMs()
  for (let readAtMs = READ_EVERY_MS; readAtMs <= durationMs; readAtMs += READ_EVERY_MS) {
    for (; changeAtMs < readAtMs; changeAtMs += pauseMs()) {
      const comes = away.length > 0 && fraction() < (2 * away.length) / nodes.length
      const present = nodes.filter((node) => !away.includes(node))
      const node = drawn(comes ? away : present)
      if (comes) away.splice(away.indexOf(node), 1)
      else away.push(node)
      const leaves = fraction() < 0.5 ? 'stop' : 'kill'
      moments.push({ atMs: changeAtMs, what: comes ? 'start' : leaves, node })
    }
    const node = drawn(nodes.filter((each) => !away.includes(each)))
    moments.push({ atMs: readAtMs, what: 'read', node })
  }
  moments.push(...away.map((node) => ({ atMs: durationMs, what: 'start' as const, node })))
  return moments
}

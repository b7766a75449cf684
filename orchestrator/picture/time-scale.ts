import { countWhile } from './count-while.ts'

/**
 * Where events stand on a timeline, as shares of its width from 0 to 1: in their order, those of one moment side by side,
 * and apart from the moment before by more the longer nothing happened, by its logarithm: a minute of silence is seen as
 * one, and leaves room for what happened within a millisecond.
 *
 * @param times - milliseconds, none less than the one before
 */
export function timeScale(times: readonly number[]): number[] {
  let last = 0
  const places = times.map((atMs, index) => {
    const before = times[index - 1]
    if (before !== undefined) last += 1 + Math.log2(1 + Math.max(0, atMs - before))
    return last
  })
  return places.map((place) => (last === 0 ? 0 : place / last))
}

/** How many of the events on a scale have come at a share of its width. */
export function countAtShare(scale: readonly number[], share: number): number {
  return countWhile(scale, (place) => place <= share)
}

/** The event whose place is nearest to a share of the width; -1 of none. */
export function nearestTo(scale: readonly number[], share: number): number {
  const after = countAtShare(scale, share)
  const [one, other] = [scale[after - 1], scale[after]]
  if (one === undefined) return scale.length === 0 ? -1 : 0
  return other !== undefined && other - share < share - one ? after : after - 1
}

/**
 * The events at which a label with their time fits: the first, then the first after the longest silences, none nearer to
 * another than `apart`. Two of them never have one time.
 *
 * @param apart - a share of the width
 */
export function labelledEvents(
  times: readonly number[],
  scale: readonly number[],
  apart: number,
): number[] {
  const silences = times
    .map((atMs, index) => ({ index, silence: atMs - (times[index - 1] ?? -Infinity) }))
    .filter(({ silence }) => silence > 0)
    .toSorted((one, other) => other.silence - one.silence || one.index - other.index)
  const chosen: number[] = []
  for (const { index } of silences) {
    const place = scale[index] ?? 0
    if (chosen.length > 1 / apart) break
    if (chosen.every((each) => Math.abs((scale[each] ?? 0) - place) >= apart)) chosen.push(index)
  }
  return chosen.toSorted((one, other) => one - other)
}

/** How long playing a timeline of so many events takes, in milliseconds: a moment for each, yet no one waits for long. */
export function playMs(events: number): number {
  return Math.max(1500, Math.min(20_000, events * 120))
}

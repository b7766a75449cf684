/**
 * The pause before try number `tries` (from 0) of something that keeps failing: doubles from `firstMs` to `maxMs`,
 * and varies by up to half so that a cluster that lost one peer does not come back in step.
 *
 * @param random gives numbers from 0 to below 1.
 */
export function backoffMs(
  tries: number,
  options: { firstMs: number; maxMs: number; random: () => number },
): number {
  const { firstMs, maxMs, random } = options
  // 2^30 is far above any maximum, and stays exact.
  const full = Math.min(maxMs, firstMs * 2 ** Math.min(tries, 30))
  return Math.round(full * (0.5 + random() / 2))
}

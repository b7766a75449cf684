import { median } from './figures/figure.ts'

const CALLS = 200

/** The median time of one call, of many that follow each other. */
export async function medianCallMs(call: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let count = 0; count < CALLS; count += 1) {
    const startedMs = performance.now()
    await call()
    times.push(performance.now() - startedMs)
  }
  return median(times)
}

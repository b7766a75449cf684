import type { Random } from './random.ts'

/** Linux's ip_local_port_range. */
const firstPort = 32_768
const lastPort = 60_999

/** A random port among those that a system gives out by itself; null where none `isFree`. */
export function takeEphemeralPort(
  random: Random,
  isFree: (port: number) => boolean,
): number | null {
  const count = lastPort - firstPort + 1
  const start = random.integer(0, count - 1)
  for (let offset = 0; offset < count; offset++) {
    const port = firstPort + ((start + offset) % count)
    if (isFree(port)) return port
  }
  return null
}

import { readFileSync } from 'node:fs'

/** CPU time since the machine's start, in ticks. */
interface CpuTime {
  all: number
  /** What a virtual machine wanted, and its host gave to others. */
  stolen: number
}

/**
 * Reads the first line of `/proc/stat` (proc_stat(5)): user, nice, system, idle, iowait, irq, softirq, steal; guest
 * times are part of the first two.
 */
export function parseCpuTime(stat: string): CpuTime {
  const [, ...fields] = (stat.split('\n', 1)[0] ?? '').split(/\s+/)
  const times = fields.slice(0, 8).map(Number)
  return { all: times.reduce((sum, time) => sum + time, 0), stolen: times[7] ?? 0 }
}

/**
 * Begins to watch; the function that it returns tells which share of the CPU time since then the host has given to
 * others, from 0 to 1. Null where the system does not tell.
 */
export function watchStolen(
  read: () => string = () => readFileSync('/proc/stat', 'utf8'),
): () => number | null {
  const before = tryRead(read)
  return () => {
    const after = tryRead(read)
    if (before === null || after === null || after.all === before.all) return null
    return (after.stolen - before.stolen) / (after.all - before.all)
  }
}

function tryRead(read: () => string): CpuTime | null {
  try {
    return parseCpuTime(read())
  } catch {
    return null
  }
}

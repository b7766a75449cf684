import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const MB = 2 ** 20
/** How often the heap is looked at. */
const EVERY_MS = 30_000
/** A heap this much above the smallest that it was after a collection is worth another one. */
const GROWN = { share: 1.3, bytes: 4 * MB }
/** Beyond that a whole collection would hold others up for too long: V8 is left to do it piece by piece. */
const MAX_USED_BYTES = 96 * MB
/** A collection that frees less than that was not worth it: the next one waits for twice as many looks. */
const WORTH_SHARE = 0.1
const MAX_WAIT_LOOKS = 20

export interface HeapKeeperComponents {
  heapUsed: () => number
  /** Collects all garbage, and gives its room back. */
  collect: () => void
}

/**
 * Collects what a flood has left: V8 does so by itself only once it needs room, up to minutes later, or in a process that
 * idles, and a node answers somebody all the time. Call what it returns now and then.
 */
export function createHeapKeeper({ heapUsed, collect }: HeapKeeperComponents): () => void {
  let lowest: number | null = null
  let waitLooks = 0
  let nextWaitLooks = 1
  return () => {
    const used = heapUsed()
    if (used > MAX_USED_BYTES) return
    if (lowest !== null && used < GROWN.share * lowest + GROWN.bytes) return
    if (waitLooks > 0) {
      waitLooks -= 1
      return
    }
    collect()
    const left = heapUsed()
    const wasWorthIt = lowest === null || left < (1 - WORTH_SHARE) * used
    lowest = Math.min(lowest ?? left, left)
    waitLooks = wasWorthIt ? 0 : nextWaitLooks
    nextWaitLooks = wasWorthIt ? 1 : Math.min(MAX_WAIT_LOOKS, 2 * nextWaitLooks)
  }
}

/** Keeps this process's heap from staying at what it once had to be. */
export function keepHeap(): Disposable {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as NodeJS.GCFunction
  const look = createHeapKeeper({
    heapUsed: () => process.memoryUsage().heapUsed,
    collect() {
      gc({ type: 'major', execution: 'sync', flavor: 'last-resort' })
    },
  })
  const timer = setInterval(look, EVERY_MS)
  timer.unref()
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

import type { Timer, Clock } from '#node/time/clock.ts'

interface ScheduledEvent {
  dueMs: number
  /** Keeps events of one moment in the order in which they were scheduled. */
  order: number
  action: () => void
}

/** Hosts that answer each other at once, over links without latency, must not keep the event loop to themselves. */
const maxBatch = 1000

/**
 * The order of everything that happens on a simulated network: a heap of events behind one timer of the clock.
 *
 * An event runs at its own moment even where the timer fires late, so a packet over three links of 1 ms takes 3 ms of
 * network time and, mostly, one or two timers.
 */
export class Scheduler {
  readonly #clock: Clock
  readonly #heap: ScheduledEvent[] = []
  #order = 0
  #timer: Timer | null = null
  #timerDueMs = Number.POSITIVE_INFINITY
  #runningMs: number | null = null
  #stopped = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Network time in milliseconds: the moment of the running event, or else the clock's. */
  now(): number {
    return this.#runningMs ?? this.#clock.now()
  }

  /** Runs `action` at `dueMs`, or as soon as possible where that has passed. */
  at(dueMs: number, action: () => void): void {
    if (this.#stopped) return
    push(this.#heap, { dueMs, order: this.#order++, action })
    if (this.#runningMs === null) this.#arm()
  }

  /** Drops whatever is scheduled, and all that comes later. */
  stop(): void {
    this.#stopped = true
    this.#heap.length = 0
    this.#disarm()
  }

  #arm(): void {
    const dueMs = this.#heap[0]?.dueMs
    if (dueMs === undefined || dueMs >= this.#timerDueMs) return
    this.#disarm()
    this.#timerDueMs = dueMs
    const delayMs = Math.max(0, dueMs - this.#clock.now())
    this.#timer = this.#clock.setTimeout(() => this.#run(), delayMs)
  }

  #disarm(): void {
    if (this.#timer !== null) this.#clock.clearTimeout(this.#timer)
    this.#timer = null
    this.#timerDueMs = Number.POSITIVE_INFINITY
  }

  #run(): void {
    this.#disarm()
    const untilMs = this.#clock.now()
    try {
      for (let count = 0; count < maxBatch; count++) {
        const event = this.#heap[0]
        if (event === undefined || event.dueMs > untilMs) break
        pop(this.#heap)
        this.#runningMs = event.dueMs
        event.action()
      }
    } finally {
      this.#runningMs = null
      this.#arm()
    }
  }
}

function isBefore(one: ScheduledEvent, other: ScheduledEvent): boolean {
  return one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.order < other.order)
}

function push(heap: ScheduledEvent[], event: ScheduledEvent): void {
  let index = heap.length
  heap.push(event)
  while (index > 0) {
    const parentIndex = (index - 1) >> 1
    const parent = heap[parentIndex]
    if (parent === undefined || !isBefore(event, parent)) break
    heap[index] = parent
    index = parentIndex
  }
  heap[index] = event
}

function pop(heap: ScheduledEvent[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let index = 0
  for (;;) {
    let childIndex = 2 * index + 1
    let child = heap[childIndex]
    if (child === undefined) break
    const right = heap[childIndex + 1]
    if (right !== undefined && isBefore(right, child)) {
      childIndex += 1
      child = right
    }
    if (!isBefore(child, last)) break
    heap[index] = child
    index = childIndex
  }
  heap[index] = last
}

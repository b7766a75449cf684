interface Entry<T> {
  dueMs: number
  /** Keeps events of one moment in the order in which they were added. */
  order: number
  event: T
}

/** Events by the moment at which they are due; those of one moment in the order in which they were added. */
export class EventHeap<T> {
  readonly #entries: Entry<T>[] = []
  #order = 0

  get size(): number {
    return this.#entries.length
  }

  /** When the first event is due; infinity where there is none. */
  get nextMs(): number {
    return this.#entries[0]?.dueMs ?? Number.POSITIVE_INFINITY
  }

  push(dueMs: number, event: T): void {
    const entry = { dueMs, order: this.#order++, event }
    const entries = this.#entries
    let index = entries.length
    entries.push(entry)
    while (index > 0) {
      const parentIndex = (index - 1) >> 1
      const parent = entries[parentIndex]
      if (parent === undefined || !isBefore(entry, parent)) break
      entries[index] = parent
      index = parentIndex
    }
    entries[index] = entry
  }

  /** Takes the first event; undefined where there is none. */
  pop(): T | undefined {
    const entries = this.#entries
    const first = entries[0]
    const last = entries.pop()
    if (last === undefined || entries.length === 0) return first?.event
    let index = 0
    for (;;) {
      let childIndex = 2 * index + 1
      let child = entries[childIndex]
      if (child === undefined) break
      const right = entries[childIndex + 1]
      if (right !== undefined && isBefore(right, child)) {
        childIndex += 1
        child = right
      }
      if (!isBefore(child, last)) break
      entries[index] = child
      index = childIndex
    }
    entries[index] = last
    return first?.event
  }

  clear(): void {
    this.#entries.length = 0
  }
}

function isBefore(one: Entry<unknown>, other: Entry<unknown>): boolean {
  return one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.order < other.order)
}

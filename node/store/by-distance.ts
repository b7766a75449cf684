import { createHash } from 'node:crypto'

/** A record in the order, by its key as text. */
interface Entry {
  readonly name: string
  readonly distance: number
}

/**
 * Names in the order of their distance to a place in the key space, by XOR. The first 48 bits of the distance decide:
 * of 100,000 names, hardly two are alike in them.
 */
export class ByDistance {
  readonly #place: Uint8Array
  readonly #keyOf: (name: string) => string
  /** Closest first. */
  readonly #entries: Entry[] = []

  /**
   * @param place 32 bytes
   * @param keyOf what of a name has a place in the key space, as latin1 text; default: all of it
   */
  constructor(place: Uint8Array, keyOf: (name: string) => string = (name) => name) {
    this.#place = place
    this.#keyOf = keyOf
  }

  /** Names that are farther than a distance, farthest first. */
  *beyond(distance: number): Generator<string> {
    for (let at = this.#entries.length - 1; at >= 0; at -= 1) {
      const entry = this.#entries[at]
      if (entry === undefined || entry.distance <= distance) return
      yield entry.name
    }
  }

  distanceOf(name: string): number {
    const place = createHash('sha256')
      .update(Buffer.from(this.#keyOf(name), 'latin1'))
      .digest()
    let distance = 0
    for (let index = 0; index < 6; index += 1) {
      distance = distance * 256 + ((place[index] ?? 0) ^ (this.#place[index] ?? 0))
    }
    return distance
  }

  add(name: string): void {
    const distance = this.distanceOf(name)
    this.#entries.splice(this.#indexOf(distance), 0, { name, distance })
  }

  /** Adds many at once: to put each in its place moves half of all others. */
  addAll(names: Iterable<string>): void {
    for (const name of names) this.#entries.push({ name, distance: this.distanceOf(name) })
    this.#entries.sort((one, other) => one.distance - other.distance)
  }

  delete(name: string): void {
    const distance = this.distanceOf(name)
    for (let at = this.#indexOf(distance); at < this.#entries.length; at += 1) {
      const entry = this.#entries[at]
      if (entry === undefined || entry.distance !== distance) return
      if (entry.name !== name) continue
      this.#entries.splice(at, 1)
      return
    }
  }

  /** Where the first entry of at least that distance is, or would be. */
  #indexOf(distance: number): number {
    let low = 0
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#entries[middle]?.distance ?? 0) < distance) low = middle + 1
      else high = middle
    }
    return low
  }
}

import type { ServerResponse } from 'node:http'

/** Events held for pages that are opened late; what comes beyond is left out, as in a report's page. */
export const MOST_HELD = 200_000

/**
 * Lines that any number of pages read at their own pace, from the first or from where they were: a page that does not
 * read costs nothing but its connection.
 */
export class EventFeed {
  readonly #lines: string[] = []
  readonly #wake = new Set<() => void>()
  readonly #most: number
  #ended = false

  constructor(most: number = MOST_HELD) {
    this.#most = most
  }

  push(line: string): void {
    if (this.#ended || this.#lines.length >= this.#most) return
    this.#lines.push(line)
    for (const each of this.#wake) each()
  }

  /** Every page's stream ends once it has all lines. */
  end(): void {
    this.#ended = true
    for (const each of this.#wake) each()
  }

  /**
   * Writes lines as server-sent events, whose id is the number of lines up to them, until the feed or the response ends.
   *
   * @param after - how many lines the page has already
   */
  stream(response: ServerResponse, after: number): void {
    let at = Math.max(0, Math.min(after, this.#lines.length))
    let isFull = false
    const pump = (): void => {
      while (!isFull && at < this.#lines.length) {
        const line = this.#lines[at] ?? ''
        at += 1
        isFull = !response.write(`id: ${at}\ndata: ${line}\n\n`)
      }
      if (this.#ended && at === this.#lines.length) response.end()
    }
    this.#wake.add(pump)
    response.on('drain', () => {
      isFull = false
      pump()
    })
    response.on('close', () => this.#wake.delete(pump))
    pump()
  }
}

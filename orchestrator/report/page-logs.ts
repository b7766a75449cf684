import type { RunEvent } from '#orchestrator/run/events.ts'

type LogEvent = Extract<RunEvent, { type: 'node-log' }>

/** A line of a page that is no event, and how many events of the run came before it. */
export interface PlacedLine {
  after: number
  /** JSON. */
  text: string
}

interface OneLog {
  lines: PlacedLine[]
  characters: number
  /** The newest that was left out, and how many were. */
  left: { event: LogEvent; after: number; count: number } | null
}

/** Characters of one log, of all logs, and of one line, in a page. */
export const MOST_LOG = { one: 400_000, all: 6_000_000, line: 4_000 }

/** The newest lines of each log, as many as a page has room for: the files beside it have all. */
export class PageLogs {
  readonly #logs = new Map<string, OneLog>()
  readonly #most: typeof MOST_LOG
  #characters = 0

  constructor(most: typeof MOST_LOG = MOST_LOG) {
    this.#most = most
  }

  /** @param after - how many events came before it */
  push(event: LogEvent, after: number): void {
    const key = JSON.stringify([event.variant, event.node])
    const log = this.#logs.get(key) ?? { lines: [], characters: 0, left: null }
    this.#logs.set(key, log)
    const text = JSON.stringify({ ...event, line: event.line.slice(0, this.#most.line) })
    log.lines.push({ after, text })
    log.characters += text.length
    this.#characters += text.length
    while (log.characters > this.#most.one) this.#dropOldest(log)
    while (this.#characters > this.#most.all) this.#dropOldest(this.#longest())
  }

  /** In the order of the run; where lines were left out, a line that says so stands in their place. */
  lines(): PlacedLine[] {
    return [...this.#logs.values()]
      .flatMap(({ lines, left }) => (left === null ? lines : [saysLeft(left), ...lines]))
      .toSorted((one, other) => one.after - other.after)
  }

  #dropOldest(log: OneLog): void {
    const dropped = log.lines.shift()
    if (dropped === undefined) return
    const event = JSON.parse(dropped.text) as LogEvent
    log.left = { event, after: dropped.after, count: (log.left?.count ?? 0) + 1 }
    log.characters -= dropped.text.length
    this.#characters -= dropped.text.length
  }

  #longest(): OneLog {
    return [...this.#logs.values()].reduce((longest, log) =>
      log.characters > longest.characters ? log : longest,
    )
  }
}

function saysLeft({ event, after, count }: NonNullable<OneLog['left']>): PlacedLine {
  const file = `logs/${event.variant ?? 'network'}/${event.node}.log`
  const line = `${count} earlier lines are not in this page: ${file} beside it has them`
  return { after, text: JSON.stringify({ ...event, line }) }
}

import type { RunEvent } from '#orchestrator/run/events.ts'

/** The first event in which two runs of one seed differ; null stands for a run that had ended by then. */
export interface Difference {
  /** Counted from 1. */
  event: number
  first: string | null
  second: string | null
}

/** Holds the events of a second run against those of the first, byte for byte. */
export class Determinism {
  readonly #first: string[] = []
  #compared = 0
  #difference: Difference | null = null

  /** How many events the runs have in common. */
  get count(): number {
    return this.#compared
  }

  /** An event of the first run. */
  record(event: RunEvent): void {
    this.#first.push(JSON.stringify(event))
  }

  /** An event of the second run, after the first has ended. */
  compare(event: RunEvent): void {
    if (this.#difference !== null) return
    const second = JSON.stringify(event)
    const first = this.#first[this.#compared] ?? null
    if (first === second) this.#compared += 1
    else this.#difference = { event: this.#compared + 1, first, second }
  }

  /** What is found once both have ended. */
  difference(): Difference | null {
    if (this.#difference !== null || this.#compared === this.#first.length) return this.#difference
    const first = this.#first[this.#compared] ?? null
    return { event: this.#compared + 1, first, second: null }
  }
}

/** How much of an event is shown before and after the place where it differs. */
const BEFORE = 60
const AFTER = 120

/** The difference for people: the event's number and kind, and both versions around the place where they part. */
export function differenceLines({ event, first, second }: Difference): string[] {
  const at = partAt(first ?? '', second ?? '')
  const kind = /"type":"([^"]+)"/.exec(first ?? second ?? '')?.[1] ?? 'unknown'
  return [
    `✘ two runs of one seed differ from event ${event} (${kind}) on:`,
    `  first   ${cut(first, at)}`,
    `  second  ${cut(second, at)}`,
  ]
}

function partAt(one: string, other: string): number {
  let at = 0
  while (at < one.length && one[at] === other[at]) at += 1
  return at
}

function cut(text: string | null, at: number): string {
  if (text === null) return 'had ended'
  const from = Math.max(0, at - BEFORE)
  const to = at + AFTER
  return `${from > 0 ? '…' : ''}${text.slice(from, to)}${to < text.length ? '…' : ''}`
}

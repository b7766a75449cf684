import type { Fare } from './measure.ts'

/** Whether honest people may live with an attack, and what they could not. */
export interface Verdict {
  met: boolean
  why: string[]
  /** 99 of 100 calls during the attack ÷ before. */
  p99Ratio: number
  /** A newcomer's join during the attack ÷ before; null where it did not join. */
  joinRatio: number | null
  /** Resident memory during the attack ÷ before, and afterwards ÷ before. */
  memoryRatios: [during: number, after: number]
}

/** What is allowed: ratios to the time before the attack, milliseconds and lines a second. */
const MOST = { p99: 3, join: 3, memory: 1.5, memoryAfter: 1.25, stoodMs: 200, logLines: 5 }
/** Below these, what a busy machine does is more than what an attack does: milliseconds. */
const FLOOR = { p99: 30, join: 100 }

/** Holds how honest people fared against what is allowed. */
export function judgeAttack(before: Fare, during: Fare, after: Fare): Verdict {
  const p99Ratio = during.p99Ms / Math.max(FLOOR.p99, before.p99Ms)
  const joinBefore = Math.max(FLOOR.join, before.joinMs ?? FLOOR.join)
  const joinRatio = during.joinMs === null ? null : during.joinMs / joinBefore
  const memory = during.residentBytes / before.residentBytes
  const memoryAfter = after.residentBytes / before.residentBytes
  const why = [
    p99Ratio > MOST.p99 && `99 of 100 calls took ${during.p99Ms} ms (${before.p99Ms} before)`,
    during.failed > 0 && `${during.failed} of ${during.calls} calls failed`,
    joinRatio === null && 'a newcomer did not join',
    joinRatio !== null &&
      joinRatio > MOST.join &&
      `a newcomer joined in ${during.joinMs} ms (${before.joinMs} before)`,
    memory > MOST.memory && `memory grew to ${round(memory)} of what it was`,
    during.stoodMs > MOST.stoodMs && `the event loop stood still for ${during.stoodMs} ms`,
    during.logLinesPerSecond > MOST.logLines && `${during.logLinesPerSecond} log lines a second`,
    memoryAfter > MOST.memoryAfter && `memory stayed at ${round(memoryAfter)} of what it was`,
    after.failed > 0 && `${after.failed} of ${after.calls} calls failed afterwards`,
    after.joinMs === null && 'no newcomer joined afterwards',
  ].filter((each) => each !== false)
  return {
    met: why.length === 0,
    why,
    p99Ratio: round(p99Ratio),
    joinRatio: joinRatio === null ? null : round(joinRatio),
    memoryRatios: [round(memory), round(memoryAfter)],
  }
}

function round(value: number): number {
  return Number(value.toPrecision(3))
}

import { webcrypto } from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import timers from 'node:timers'
import timersPromises from 'node:timers/promises'
import { abortAfter, dateNow, performanceNow, SimulatedDate, timeOrigin } from './global-dates.ts'
import { random, randomValues } from './global-random.ts'
import { globalTimers } from './global-timers.ts'
import { promisedTimers, schedulerWait } from './promised-timers.ts'

/** What has stand-ins while time is simulated, and by what it is replaced. */
const REPLACED: readonly [object, object][] = [
  [Date, { now: dateNow }],
  [globalThis, { ...globalTimers, Date: SimulatedDate }],
  [
    performance,
    {
      now: performanceNow,
      get timeOrigin() {
        return timeOrigin()
      },
    },
  ],
  [AbortSignal, { timeout: abortAfter }],
  [Math, { random }],
  [webcrypto, { getRandomValues: randomValues }],
  [timers, globalTimers],
  [timersPromises, promisedTimers],
  [timersPromises.scheduler, { wait: schedulerWait }],
]

let users = 0
let undo: (() => void)[] = []

/**
 * Puts stand-ins in the place of the system's timers, dates and random numbers until what is returned is disposed of.
 * They do as the system for all who do not run in simulated time, so several runs may overlap, and tests beside them.
 */
export function replaceGlobals(): Disposable {
  if (users === 0) replaceAll()
  users += 1
  return {
    [Symbol.dispose]() {
      users -= 1
      if (users === 0) restoreAll()
    },
  }
}

function replaceAll(): void {
  undo = REPLACED.flatMap(([holder, standIns]) =>
    Object.entries(Object.getOwnPropertyDescriptors(standIns)).map(([name, standIn]) => {
      const before = Object.getOwnPropertyDescriptor(holder, name)
      Object.defineProperty(holder, name, { ...standIn, enumerable: before?.enumerable ?? false })
      return () => {
        if (before === undefined) Reflect.deleteProperty(holder, name)
        else Object.defineProperty(holder, name, before)
      }
    }),
  )
  syncBuiltinESMExports()
}

function restoreAll(): void {
  for (const restore of undo) restore()
  undo = []
  syncBuiltinESMExports()
}

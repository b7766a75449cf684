import type Docker from 'dockerode'
import { EngineSilentError, EngineUnavailableError } from './errors.ts'
import { plainReason, unreachable } from './refusals.ts'

/** How long the engine may take to answer, in ms. */
export interface CallLimits {
  /** Any call, on a machine however busy. */
  answerMs: number
  /** A call once the run is given up. */
  hurriedMs: number
  /** A call after another had no answer: the engine hangs, most probably. */
  silentMs: number
  /** Calls during which the engine works for us: a build until its first line, a wait, a prune. */
  workMs: number
}

export const CALL_LIMITS: CallLimits = {
  answerMs: 60_000,
  hurriedMs: 10_000,
  silentMs: 3000,
  workMs: 600_000,
}

/** Paths of calls during which the engine works. */
const WORK = /^\/(build|.*\/wait|.*\/prune|images\/load|images\/create)\b/

/** What the client library hands to its one way to the engine; it has no types for it. */
interface DialOptions {
  path: string
  method: string
  isStream?: boolean
  abortSignal?: AbortSignal
  options?: { t?: number }
}
type DialCallback = (error: Error | null, answer?: unknown) => void
interface Modem {
  dial(options: DialOptions, callback: DialCallback): void
}

/**
 * Bounds every call to an engine: where no answer comes in time, the call is given up and rejects with
 * `EngineSilentError`. A stream is bounded until it begins. What the engine answers becomes an error without the client
 * library's wrapping, and a connection that breaks becomes `EngineUnavailableError`.
 */
export class BoundedCalls {
  readonly #place: string
  readonly #limits: CallLimits
  readonly #pending = new Set<() => void>()
  #silent = false
  #hurried = false

  constructor(docker: Docker, place: string, limits: CallLimits) {
    this.#place = place
    this.#limits = limits
    const modem = docker.modem as unknown as Modem
    const dial = modem.dial.bind(modem)
    modem.dial = (options, callback) => this.#dial(dial, options, callback)
  }

  /** The run is given up: whatever is under way gets `hurriedMs` more, and so does each later call. */
  hurry(): void {
    this.#hurried = true
    for (const rearm of this.#pending) rearm()
  }

  /** A new run begins. */
  relax(): void {
    this.#hurried = false
    this.#silent = false
  }

  #limitMs({ path, options }: DialOptions): number {
    const { answerMs, hurriedMs, silentMs, workMs } = this.#limits
    if (this.#silent) return silentMs
    const graceMs = (options?.t ?? 0) * 1000
    if (this.#hurried) return hurriedMs + graceMs
    return WORK.test(path) ? workMs : answerMs + graceMs
  }

  #dial(dial: Modem['dial'], options: DialOptions, callback: DialCallback): void {
    const own = new AbortController()
    const caller = options.abortSignal
    const what = `${options.method} ${options.path.replace(/\?$/, '')}`
    let timer: NodeJS.Timeout | null = null
    let settled = false
    const settle: DialCallback = (error, answer) => {
      if (settled) return
      settled = true
      if (timer !== null) clearTimeout(timer)
      this.#pending.delete(rearm)
      if (error === null) callback(null, answer)
      else callback(this.#plain(error, caller))
    }
    const rearm = (): void => {
      if (timer !== null) clearTimeout(timer)
      const limitMs = this.#limitMs(options)
      timer = setTimeout(() => {
        this.#silent = true
        settle(new EngineSilentError(this.#place, what, limitMs))
        own.abort()
        for (const each of this.#pending) each()
      }, limitMs)
    }
    this.#pending.add(rearm)
    rearm()
    const signal = caller === undefined ? own.signal : AbortSignal.any([caller, own.signal])
    try {
      dial({ ...options, abortSignal: signal }, (error, answer) => settle(error ?? null, answer))
    } catch (error) {
      settle(error as Error)
    }
  }

  #plain(error: Error, caller: AbortSignal | undefined): Error {
    if (caller?.aborted === true || error instanceof EngineSilentError) return error
    const why = unreachable(error)
    if (why !== null) {
      return new EngineUnavailableError(
        `The Docker engine at ${this.#place} does not answer: ${why}.`,
        {
          cause: error,
        },
      )
    }
    // Some errors have a message that nobody may change.
    if ('statusCode' in error) error.message = plainReason(error)
    return error
  }
}

import type { NodeApi } from '#node/api/node-api.ts'
import type { AbortOptions } from '#node/base/abort-options.ts'
import type { Clock } from '#node/time/clock.ts'
import { within } from '#node/time/deadline.ts'
import { NodeSilentError } from '#orchestrator/fabric/errors.ts'

/** How long a node may take for one question, in ms: longer than any of its own time limits. */
export const ANSWER_MS = 90_000

/**
 * A node's API whose every question ends: a node that is stopped takes questions and never answers. Events and watches have no end
 * by nature, and none here.
 *
 * @throws NodeSilentError from each call where no answer comes in time
 */
export function boundedApi(api: NodeApi, node: string, clock: Clock, limitMs = ANSWER_MS): NodeApi {
  const bounded = <T>(
    question: string,
    options: AbortOptions | undefined,
    ask: (inTime: AbortOptions) => Promise<T>,
  ): Promise<T> =>
    within(
      clock,
      limitMs,
      options?.signal,
      // Whoever hangs need not heed the signal.
      (signal) => Promise.race([ask({ ...options, signal }), rejectionOf(signal)]),
      (cause) => {
        throw new NodeSilentError(node, question, limitMs, { cause })
      },
    )
  return {
    status: (options) => bounded('status', options, (call) => api.status(call)),
    peers: (options) => bounded('peers', options, (call) => api.peers(call)),
    discovery: (options) => bounded('discovery', options, (call) => api.discovery(call)),
    put: (key, value, options) => bounded('put', options, (call) => api.put(key, value, call)),
    get: (key, options) => bounded('get', options, (call) => api.get(key, call)),
    list: (options) => bounded('list', options, (call) => api.list(call)),
    delete: (key, options) => bounded('delete', options, (call) => api.delete(key, call)),
    provide: (key, options) => bounded('provide', options, (call) => api.provide(key, call)),
    providers: (key, options) => bounded('providers', options, (call) => api.providers(key, call)),
    dial: (address, options) => bounded('dial', options, (call) => api.dial(address, call)),
    ping: (peerId, options) => bounded('ping', options, (call) => api.ping(peerId, call)),
    watch: (key, options) => api.watch(key, options),
    events: (options) => api.events(options),
  }
}

function rejectionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
}

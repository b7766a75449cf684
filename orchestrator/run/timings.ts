import type { NodeEvent } from '#node/events/node-event.ts'
import type { Timings } from '#orchestrator/run/events.ts'

/** Collects when a variant's nodes first connected to and listed each other. */
export interface TimingCollector {
  /** All nodes that start by themselves listen. */
  allListening(nowMs: number): void
  onEvent(node: string, event: NodeEvent, nowMs: number): void
  timings(networkMs: number): Timings
}

/** @param startedMs - when the first node was started, on the same clock as every other time given */
export function createTimingCollector(startedMs: number): TimingCollector {
  /** Later connections of the same pair are dial-backs and reconnections. */
  const connected = new Map<string, number>()
  const listed = new Map<string, number>()
  let listeningMs = startedMs

  function last(times: Map<string, number>): number | null {
    if (times.size === 0) return null
    return Math.max(0, Math.max(...times.values()) - listeningMs)
  }

  return {
    allListening(nowMs) {
      listeningMs = nowMs
    },
    onEvent(node, event, nowMs) {
      const times =
        event.event === 'connected' ? connected : event.event === 'listed' ? listed : null
      if (times === null || !('peer' in event)) return
      const pair = `${node} ${event.peer}`
      if (!times.has(pair)) times.set(pair, nowMs)
    },
    timings: (networkMs) => ({
      networkMs,
      startMs: listeningMs - startedMs,
      connectedMs: last(connected),
      listedMs: last(listed),
    }),
  }
}

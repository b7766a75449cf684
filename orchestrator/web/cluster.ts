import type { NodeEvent } from '#node/events/node-event.ts'
import type { Sighting } from '#node/judgement/sighting.ts'
import {
  type ClusterNode,
  clusterStart,
  goneEvent,
  nodeEvent,
  stateEvents,
} from './cluster-events.ts'
import { eventStream } from './event-stream.ts'
import { readJson } from './read-json.ts'
import { source, take } from './store.ts'

/** Between two tries to reach a node that does not answer. */
const RETRY_MS = 2000

/** Follows every node behind the gateway that this page came from, for as long as the page is open. */
export async function followCluster(): Promise<void> {
  source.value = 'cluster'
  const nodes = await askUntil<ClusterNode[]>('/nodes')
  take(clusterStart(nodes, now()))
  await Promise.all(nodes.map(({ name }) => followNode(name)))
}

async function followNode(name: string): Promise<void> {
  const at = `/nodes/${encodeURIComponent(name)}/v1`
  for (;;) {
    try {
      // With the events that it still holds: after the state of now, they say how it came to that.
      const stream = await fetch(`${at}/events`, { headers: { 'last-event-id': '0' } })
      const [status, sightings] = await Promise.all([
        ask<NonNullable<ClusterNode['status']>>(`${at}/status`),
        ask<Sighting[]>(`${at}/discovery?dialBack=true`),
      ])
      take(stateEvents({ name, status }, sightings, now()))
      for await (const data of eventStream(stream)) {
        take([nodeEvent(name, readJson(data) as NodeEvent, now())])
      }
    } catch {
      // It ended, or does not run yet.
    }
    take([goneEvent(name, now())])
    await pause()
  }
}

async function ask<T>(path: string): Promise<T> {
  const response = await fetch(path)
  if (!response.ok) throw new TypeError(`expected an answer from ${path}, saw ${response.status}`)
  return readJson(await response.text()) as T
}

async function askUntil<T>(path: string): Promise<T> {
  for (;;) {
    try {
      return await ask<T>(path)
    } catch {
      await pause()
    }
  }
}

function pause(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  setTimeout(resolve, RETRY_MS)
  return promise
}

/** Since the page was opened. */
function now(): number {
  return Math.round(performance.now())
}

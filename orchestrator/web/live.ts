import type { PacketLine } from '#orchestrator/picture/packets.ts'
import type { RunEvent } from '#orchestrator/run/events.ts'
import { readJson } from './read-json.ts'
import { source, take } from './store.ts'

/** Takes events in as they happen, those of one frame of the screen at once. */
export function followEvents(url: string): void {
  const stream = new EventSource(url)
  let waiting: (RunEvent | PacketLine)[] = []
  let ended = false
  function flush(): void {
    const events = waiting
    waiting = []
    take(events)
  }
  stream.addEventListener('message', ({ data }) => {
    const event = readJson(String(data)) as RunEvent | PacketLine
    if (event.type === 'run-end' || event.type === 'run-failed') ended = true
    if (waiting.push(event) === 1) requestAnimationFrame(flush)
    source.value = 'live'
  })
  stream.addEventListener('error', () => {
    // A run that is over closes its page's stream: nothing is lost by that.
    if (ended) stream.close()
    else source.value = 'lost'
  })
}

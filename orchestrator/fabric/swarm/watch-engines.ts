import type { Readable } from 'node:stream'
import { describeError } from '#node/base/errors.ts'
import type { SwarmEngine } from './engines-file.ts'

/**
 * Listens to engines: an engine that goes, or whose machine does, ends the stream of its events.
 *
 * @param onLost - told of each once
 */
export function watchEngines(
  engines: readonly SwarmEngine[],
  onLost: (engine: string, why: string) => void,
): Disposable {
  const given = new AbortController()
  const streams = new Set<Readable>()
  const watch = async ({ name, engine }: SwarmEngine): Promise<void> => {
    try {
      // Of a kind that never comes: it is the end that is listened for.
      const filters = { label: ['kadlab.watch'] }
      const stream = (await engine.docker.getEvents({
        filters,
        abortSignal: given.signal,
      })) as unknown as Readable
      streams.add(stream)
      if (given.signal.aborted) stream.destroy()
      for await (const _ of stream) if (given.signal.aborted) return
      if (!given.signal.aborted) onLost(name, 'its stream of events ended')
    } catch (error) {
      if (!given.signal.aborted) onLost(name, describeError(error))
    }
  }
  for (const engine of engines) void watch(engine)
  return {
    [Symbol.dispose]() {
      given.abort()
      for (const stream of streams) stream.destroy()
    },
  }
}

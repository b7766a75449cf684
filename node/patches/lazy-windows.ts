import { yamux, type YamuxMuxerInit } from '@chainsafe/libp2p-yamux'
import { type MakeFactory, onEachMuxer, wrap } from './wrap.ts'

/** The part of yamux's muxer that makes streams. */
interface Muxer {
  _newStream(...args: unknown[]): WindowedStream
}

/** The parts of a stream of yamux that count what the other side may send (`stream.ts`). */
interface WindowedStream {
  readonly state: number
  recvWindow: number
  recvWindowCapacity: number
  sendWindowUpdate(): void
}

/** A stream's states in which a window update also opens or accepts it (`StreamState`: Init, SYNReceived). */
const OPENING: ReadonlySet<number> = new Set([0, 2])

/**
 * yamux that says how much more the other side may send when half of it has come. Stock yamux says it after every
 * message: of two peers that ask each other small things, a third of what they write is that.
 */
export function yamuxWithLazyWindows(init: YamuxMuxerInit = {}): MakeFactory {
  return onEachMuxer(yamux(init), (muxer) => {
    wrap(muxer as unknown as Muxer, '_newStream', (newStream) => (...args) => {
      const stream = newStream(...args)
      beLazy(stream)
      return stream
    })
  })
}

function beLazy(stream: WindowedStream): void {
  wrap(stream, 'sendWindowUpdate', (update) => () => {
    const { state, recvWindow, recvWindowCapacity } = stream
    if (OPENING.has(state) || recvWindowCapacity * 2 <= recvWindow) update()
  })
}

import { type MakeFactory, onEachMuxer, wrap } from './wrap.ts'

/**
 * Ends a connection with its muxer. Stock, a muxer that gives up (too many streams before anybody listens, a frame that
 * breaks the protocol, the other side's GoAway) leaves its connection open: nothing goes over it, and it stands in the way
 * of a new one until a heartbeat fails.
 */
export function endWithMuxer(make: MakeFactory): MakeFactory {
  return onEachMuxer(make, (muxer, connection) => {
    wrap(muxer, 'abort', (abort) => (error) => {
      abort(error)
      connection.abort(error)
    })
  })
}

import type { TcpSegment } from '#orchestrator/fabric/sim/packet.ts'
import type { Endpoint } from '#orchestrator/probe/probe-agent.ts'

/** A segment of a connection that is open, with nothing in it but what a test is about. */
export function tcpSegment(
  source: Endpoint,
  destination: Endpoint,
  changes: Partial<TcpSegment> = {},
): TcpSegment {
  return {
    protocol: 'tcp',
    source,
    destination,
    syn: false,
    ack: true,
    fin: false,
    rst: false,
    sequence: 1,
    acknowledged: 1,
    window: 65_536,
    payload: new Uint8Array(),
    ...changes,
  }
}

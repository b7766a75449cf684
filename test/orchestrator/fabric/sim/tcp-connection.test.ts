import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TcpSegment } from '#orchestrator/fabric/sim/packet.ts'
import { UNPAUSED } from '#orchestrator/fabric/sim/process.ts'
import { Scheduler } from '#orchestrator/fabric/sim/scheduler.ts'
import { TcpConnection } from '#orchestrator/fabric/sim/tcp-connection.ts'
import { ManualClock } from '#test/support/manual-clock.ts'
import { tcpSegment } from '#test/support/tcp-segment.ts'

const local = { address: '11.0.0.20', port: 3000 }
const remote = { address: '11.0.0.10', port: 40_000 }
/** The sequence numbers that both ends begin with. */
const OURS = 100
const THEIRS = 500

function segment(fields: Partial<TcpSegment>): TcpSegment {
  const expected = { sequence: THEIRS + 1, acknowledged: OURS + 1 }
  return tcpSegment(remote, local, { ...expected, ...fields })
}

/** An accepted connection, and what it sends from now on. */
function createOpenConnection(): { connection: TcpConnection; sent: TcpSegment[] } {
  const sent: TcpSegment[] = []
  const connection = new TcpConnection(
    { local, remote, initialSequence: OURS },
    {
      scheduler: new Scheduler(new ManualClock()),
      application: UNPAUSED,
      transmit: (out) => sent.push(out),
      onGone: () => undefined,
    },
  )
  connection.accept(segment({ syn: true, ack: false, sequence: THEIRS }))
  connection.receive(segment({}))
  sent.length = 0
  return { connection, sent }
}

describe('TcpConnection', () => {
  it('is ended by a reset with the sequence number that is next', () => {
    const { connection } = createOpenConnection()
    connection.receive(segment({ rst: true }))
    assert.equal(connection.isOpen, false)
  })

  it('asks about a reset that may be meant, and is not ended by it', () => {
    const { connection, sent } = createOpenConnection()
    connection.receive(segment({ rst: true, sequence: THEIRS + 100 }))
    assert.equal(connection.isOpen, true)
    assert.deepEqual(
      sent.map(({ ack, acknowledged, rst }) => [ack, acknowledged, rst]),
      [[true, THEIRS + 1, false]],
    )
  })

  it('takes no notice of a reset of an older connection', () => {
    const { connection, sent } = createOpenConnection()
    for (const sequence of [THEIRS - 100, THEIRS + 10_000_000]) {
      connection.receive(segment({ rst: true, sequence }))
    }
    assert.deepEqual([connection.isOpen, sent], [true, []])
  })
})

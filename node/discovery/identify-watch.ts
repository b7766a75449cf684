import type { Connection, IdentifyResult, Libp2p } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { describeError } from '../base/errors.ts'
import { visible } from '../base/visible.ts'
import type { NodeEventBody } from '../events/node-event.ts'
import type { ObserverLog, SightingTeller } from './sighting-teller.ts'
import { identifiedFrom, MAX_ANNOUNCED, storedPeer, type TargetRecord } from './target-record.ts'
import type { TargetRecords } from './target-records.ts'

export interface IdentifyWatchComponents {
  libp2p: Libp2p
  log: ObserverLog
  emit: (event: NodeEventBody) => void
  records: TargetRecords
  teller: SightingTeller
  /** Connections of dial-backs are identified too; nobody needs to hear of it. */
  isDialBack: (connection: Connection) => boolean
}

/** Takes down what identify said of each target, or that it failed. */
export class IdentifyWatch {
  readonly #parts: IdentifyWatchComponents
  readonly #signedRecords = new WeakMap<Connection, Uint8Array | null>()

  constructor(components: IdentifyWatchComponents) {
    this.#parts = components
  }

  /** A peer answered; `signedRecord` is what it sent, before libp2p decided whether to keep it. */
  answered(connection: Connection, signedRecord: Uint8Array | null): void {
    this.#signedRecords.set(connection, signedRecord)
  }

  /** libp2p has stored an answer, or a push. */
  identified(detail: IdentifyResult): void {
    const { records, teller, emit, isDialBack } = this.#parts
    const record = records.of(detail.peerId.toString())
    record.identify = identifiedFrom(detail, isOldRecord(record, detail))
    record.protocolsNow = null
    record.settled = false
    if (!isDialBack(detail.connection)) {
      emit({
        event: 'identified',
        peer: record.peerId,
        agent: detail.agentVersion === undefined ? null : visible(detail.agentVersion),
        addresses: detail.listenAddrs.slice(0, MAX_ANNOUNCED).map(String),
        protocols: detail.protocols,
        observed: detail.observedAddr?.toString() ?? null,
      })
    }
    if (record.connections.size > 0) teller.settleSoon(record)
    void this.#compareRecords(record, detail.connection)
  }

  /** Identify of a connection ended without an answer. */
  failed(connection: Connection, error: unknown): void {
    const { records, teller, emit } = this.#parts
    const record = records.get(connection.remotePeer.toString())
    const isNews = record?.connections.has(connection.id) === true && connection.status === 'open'
    if (!isNews || record.identify.state === 'done') return
    record.identify = { state: 'failed', error: describeError(error) }
    emit({ event: 'identify-failed', peer: record.peerId, error: record.identify.error })
    teller.touch(record)
  }

  /** libp2p keeps the newer of two signed records without a word: what came is then not what is stored. */
  async #compareRecords(record: TargetRecord, connection: Connection): Promise<void> {
    const received = this.#signedRecords.get(connection) ?? null
    this.#signedRecords.delete(connection)
    const { identify } = record
    try {
      if (received !== null && identify.state === 'done') {
        const stored = (await storedPeer(this.#parts.libp2p, record.peerId))?.peerRecordEnvelope
        identify.staleRecord = stored !== undefined && Buffer.compare(stored, received) !== 0
      }
    } catch (error) {
      this.#parts.log.debug({ error: describeError(error) }, 'the stored record could not be read')
    }
    this.#parts.teller.touch(record)
  }
}

/**
 * A push comes without the record that it carried: where its addresses are others than before and the number of what
 * libp2p kept has not moved, that is the old one.
 */
function isOldRecord({ identify }: TargetRecord, detail: IdentifyResult): boolean {
  const stored = detail.signedPeerRecord
  return (
    stored !== undefined &&
    identify.state === 'done' &&
    identify.seq === stored.seq &&
    !sameAddresses(detail.listenAddrs, identify.announced) &&
    !sameAddresses(detail.listenAddrs, stored.addresses)
  )
}

function sameAddresses(one: readonly Multiaddr[], other: readonly Multiaddr[]): boolean {
  return one.length === other.length && one.every((address) => other.some((b) => b.equals(address)))
}

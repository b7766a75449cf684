import type { Libp2p, PeerId } from '@libp2p/interface'
import { describeError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { KadDHT } from './kad.ts'
import { wrap } from './wrap.ts'

export interface AnswerFilterComponents {
  libp2p: Libp2p
  dht: KadDHT
  log: Log
}

/**
 * Makes every peer pass the address filter before it is listed.
 *
 * kad-dht's query manager lists whoever answers one of our queries (`query/manager.ts`, `run`) without asking the
 * filter; a peer of which nobody could be told an address then stands in the table, as soon as some third peer names
 * it and there is an inbound connection to ask it over. Updates that come through the filter carry `activeTimeout`;
 * those that do not are sent to the filter first.
 */
export function filterAnswering({ libp2p, dht, log }: AnswerFilterComponents): void {
  const throughFilter = async (peerId: PeerId): Promise<void> => {
    const { multiaddrs } = await libp2p.peerStore.getInfo(peerId)
    await dht.onPeerConnect({ id: peerId, multiaddrs })
  }
  wrap(dht.routingTable, 'queueRoutingTableUpdate', (update) => (peerId, options) => {
    if (options?.activeTimeout !== undefined) return update(peerId, options)
    throughFilter(peerId).catch((error) => {
      const peer = peerId.toString()
      log.debug({ peer, error: describeError(error) }, 'a peer that answered was not listed')
    })
  })
}

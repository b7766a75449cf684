import type { Connection } from '@libp2p/interface'
import { KadlabError } from '../base/errors.ts'
import { peerIdOf } from '../judgement/multiaddr-facts.ts'

/** Somebody else answers than who was dialled. */
export class OtherPeerError extends KadlabError {
  static override readonly name = 'OtherPeerError'
}

/**
 * That who answers is who `address` names, where it names anybody. The encrypters of js-libp2p compare keys: of an id that
 * is a hash of one (`Qm…`) they have none, and let anybody pass for it.
 *
 * @throws OtherPeerError, and ends the connection
 */
export function checkAsked(connection: Connection, address: string): void {
  const asked = peerIdOf(address)
  const answered = connection.remotePeer.toString()
  if (asked === null || asked === answered) return
  const error = new OtherPeerError(`Dialed peer ${asked} but connected to ${answered}`)
  connection.abort(error)
  throw error
}

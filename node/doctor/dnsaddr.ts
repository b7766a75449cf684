import { describeError, KadlabError } from '../base/errors.ts'

/** What a name's records say leads to no address of the peer that is looked for. */
export class NothingNamedError extends KadlabError {
  static override readonly name = 'NothingNamedError'
}

/**
 * What libp2p says where a `/dnsaddr` leads nowhere: a record is no multiaddr, names go round in a circle, or none is of
 * the peer (libp2p/connection-manager/resolvers and dial-queue.ts).
 */
const LEADS_NOWHERE = /must start with "\/"|Max recursive depth|no valid addresses/

/** An error of a dial of `address`, which says what is wrong with a `/dnsaddr` where that is what failed. */
export function explainDnsaddr(address: string, error: unknown): unknown {
  const host = /^\/dnsaddr\/([^/]+)/.exec(address)?.[1]
  const text = describeError(error)
  // Without a cause: the dial is judged by what is at the bottom of its error.
  return host === undefined || !LEADS_NOWHERE.test(text)
    ? error
    : new NothingNamedError(`TXT records of _dnsaddr.${host} lead to no address of it: ${text}`)
}

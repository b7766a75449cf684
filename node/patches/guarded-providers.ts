import type { PeerId } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import type { KadInternals } from './kad-internals.ts'
import { wrap } from './wrap.ts'

/**
 * Has each provider record of others admitted before it is kept.
 *
 * @param admit calls `write` where the record may be kept, and rejects where not
 */
export function guardProviders(
  kad: KadInternals,
  admit: (key: CID, provider: PeerId, write: () => Promise<void>) => Promise<void>,
): void {
  const { peerId: own } = kad.components
  wrap(kad.providers, 'addProvider', (add) => async (key, provider, options) => {
    const write = async (): Promise<void> => add(key, provider, options)
    await (provider.equals(own) ? write() : admit(key, provider, write))
  })
}

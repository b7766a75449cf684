import type {
  AbortOptions,
  ConnectionProtector,
  MessageStream,
  MultiaddrConnection,
} from '@libp2p/interface'
import type { Clock } from '../time/clock.ts'
import { within } from '../time/deadline.ts'
import { loadSwarmKey } from './swarm-key.ts'

/** Called once both sides have said their nonces, with the stream that carries what was decrypted. */
type OnEntered = (inside: MessageStream) => void

/** A private network of libp2p, as one of its peers takes part in it. */
export interface PrivateNetwork {
  /** For libp2p: it encrypts every connection with the swarm key, before anything else is said. */
  readonly connectionProtector: () => ConnectionProtector
  /** Has a dial watched; to be called before its upgrade begins. */
  follow(connection: MultiaddrConnection, onEntered: OnEntered): void
}

export interface PrivateNetworkOptions {
  /** Path of the swarm key. */
  keyFile: string
  /** Longest wait for the nonce of a dialled peer, in milliseconds. A peer of the network says it at once. */
  nonceTimeoutMs: number
}

/** @throws SwarmKeyError as `loadSwarmKey`. */
export async function openPrivateNetwork(
  { keyFile, nonceTimeoutMs }: PrivateNetworkOptions,
  { clock }: { clock: Clock },
): Promise<PrivateNetwork> {
  const psk = await loadSwarmKey(keyFile)
  // Loaded only here: few nodes need it.
  const { preSharedKey } = await import('@libp2p/pnet')
  const stock = preSharedKey({ psk })()
  const followed = new WeakMap<MessageStream, OnEntered>()
  const protector: ConnectionProtector = {
    async protect(connection: MessageStream, options: AbortOptions = {}): Promise<MessageStream> {
      const onEntered = followed.get(connection)
      if (onEntered === undefined) return stock.protect(connection, options)
      const inside = await within(clock, nonceTimeoutMs, options.signal, async (signal) =>
        stock.protect(connection, { ...options, signal }),
      )
      onEntered(inside)
      return inside
    },
  }
  return {
    connectionProtector: () => protector,
    follow: (connection, onEntered) => void followed.set(connection, onEntered),
  }
}

import type {
  Connection,
  DialTransportOptions,
  MultiaddrConnection,
  Transport,
  Upgrader,
} from '@libp2p/interface'
import { byteStream } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import { MULTISTREAM, OPENING } from './handshake-signs.ts'

/**
 * Whether what listens at an address speaks libp2p in the open, without a swarm key. It is greeted so on a connection of
 * its own, which is closed again. A peer with a key takes the greeting for a nonce, and answers in cipher.
 */
export async function speaksInTheOpen(
  dial: Transport['dial'],
  address: Multiaddr,
  options: DialTransportOptions,
): Promise<boolean> {
  let answer: Uint8Array = new Uint8Array()
  const greeter: Pick<Upgrader, 'upgradeOutbound'> = {
    async upgradeOutbound(connection: MultiaddrConnection): Promise<Connection> {
      try {
        const bytes = byteStream(connection)
        await bytes.write(OPENING, options)
        const greeting = await bytes.read({ ...options, bytes: MULTISTREAM.length })
        answer = greeting.subarray()
      } finally {
        connection.abort(new Error('it was only asked how it speaks'))
      }
      throw new Error('a greeting makes no connection')
    },
  }
  const upgrader = Object.assign(Object.create(options.upgrader), greeter) as Upgrader
  await dial(address, { ...options, upgrader }).catch(() => null)
  return Buffer.compare(answer, MULTISTREAM) === 0
}

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { multiaddr } from '@multiformats/multiaddr'
import type { AbortOptions } from '../base/abort-options.ts'
import { describeError } from '../base/errors.ts'
import { hostPort } from '../judgement/multiaddr-facts.ts'
import { systemClock } from '../time/clock.ts'
import { within } from '../time/deadline.ts'
import { type End, judgeOwnSide, type OwnSide, type View } from './own-side.ts'
import { createStranger, endStranger, type ExamineComponents, type Stranger } from './stranger.ts'

export interface SelfOptions extends AbortOptions {
  /** Longest time for each peer, in milliseconds. */
  timeoutMs: number
}

/**
 * Looks at the NAT of one's own side through the eyes of peers: dials each from one and the same local port, and asks by
 * identify where it sees this side. A peer that does not answer is a finding, not an error.
 *
 * @param vias multiaddrs of peers, two at least
 * @throws the signal's reason where it aborts
 */
export async function examineSelf(
  vias: readonly string[],
  options: SelfOptions,
  components: ExamineComponents = {},
): Promise<OwnSide> {
  const localPort = await freePort()
  // What a person types is dialled, wherever it leads.
  const libp2p = await createStranger(
    { ...components, localPort, others: [] },
    null,
    options.timeoutMs,
  )
  try {
    const views: View[] = []
    // One after the other, and each stays open: a mapping that has ended may be another one's by then.
    for (const via of vias) views.push(await look(libp2p, { via, localPort }, options, components))
    return judgeOwnSide(views)
  } finally {
    await endStranger(libp2p, components)
  }
}

async function look(
  libp2p: Stranger,
  { via, localPort }: { via: string; localPort: number },
  { timeoutMs, signal: caller }: SelfOptions,
  { clock = systemClock }: ExamineComponents,
): Promise<View> {
  try {
    return await within(clock, timeoutMs, caller, async (signal) => {
      const connection = await libp2p.dial(multiaddr(via), { signal })
      const remote = endOf(connection.remoteAddr.toString())
      const host = remote === null ? null : await localHostTo(remote)
      const { observedAddr } = await libp2p.services.identify.identify(connection, { signal })
      const observed = observedAddr === undefined ? null : endOf(observedAddr.toString())
      const local = host === null ? null : { host, port: localPort }
      const error = observed === null ? 'it does not say where it sees this side' : null
      return { via, local, remote, observed, error }
    })
  } catch (error) {
    caller?.throwIfAborted()
    return { via, local: null, remote: null, observed: null, error: describeError(error) }
  }
}

function endOf(address: string): End | null {
  const found = hostPort(address)
  return found === null || found.port === null ? null : { host: found.host, port: found.port }
}

/** A port that nobody listens on. It is dialled from several times: a listener in its place would keep it from that. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** The address from which the kernel sends to an end. Nothing is sent: a datagram socket is connected by itself. */
async function localHostTo({ host, port }: End): Promise<string | null> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  try {
    socket.connect(port, host)
    await once(socket, 'connect')
    return socket.address().address
  } catch {
    return null
  } finally {
    socket.close()
  }
}

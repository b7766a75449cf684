import { setMaxListeners } from 'node:events'
import type { AbortOptions } from '#node/base/abort-options.ts'
import { type Clock, systemClock } from '#node/time/clock.ts'
import { eitherSignal } from '#node/time/deadline.ts'
import { parseMessage, writeHello, writeSeen } from './agent-message.ts'
import { AgentWaiters } from './agent-waiters.ts'
import type {
  Endpoint,
  KnockRequest,
  OpenRequest,
  ProbeAgent,
  Sockets,
  TcpSocket,
  UdpSocket,
} from './probe-agent.ts'

/** A datagram may be lost without a router's doing: it is sent again until it is answered. */
const RESEND_MS = 100

/** Socket errors that mean that nothing was reached, as opposed to a fault of the probe. */
const NOT_REACHED = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

export interface ProbeAgentOptions {
  clock?: Clock
}

/** An agent on `sockets`; its errors are theirs. */
export function createProbeAgent(
  sockets: Sockets,
  { clock = systemClock }: ProbeAgentOptions = {},
): ProbeAgent & AsyncDisposable {
  const waiters = new AgentWaiters(clock)
  const udpSockets = new Map<number, Promise<UdpSocket>>()
  const listeners: AsyncDisposable[] = []
  const connections = new Set<TcpSocket>()
  let ended = new AbortController()
  setMaxListeners(0, ended.signal)

  const hear = (text: string, from: Endpoint, reply: (text: string) => void): void => {
    const message = parseMessage(text)
    if (message?.kind === 'hello') reply(writeSeen(message.nonce, from))
    else if (message?.kind === 'seen') waiters.answer(message.nonce, message.from)
  }

  const attend = (socket: TcpSocket): void => {
    connections.add(socket)
    socket.onClose(() => connections.delete(socket))
    let held = ''
    socket.onData((data) => {
      const lines = (held + Buffer.from(data).toString()).split('\n')
      held = lines.pop() ?? ''
      for (const line of lines) hear(line, socket.remote, (text) => socket.send(Buffer.from(text)))
    })
  }

  const listen = async (port: number): Promise<void> => {
    listeners.push(await sockets.listenTcp({ port, onConnection: attend }))
  }

  const bindUdp = (port: number): Promise<UdpSocket> => {
    const known = udpSockets.get(port)
    if (known !== undefined) return known
    const socket = sockets.bindUdp({
      port,
      onMessage: (data, from, socket) => {
        hear(Buffer.from(data).toString(), from, (text) => socket.send(Buffer.from(text), from))
      },
    })
    udpSockets.set(port, socket)
    return socket
  }

  const helloUdp = async (
    socket: UdpSocket,
    to: Endpoint,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<Endpoint | null> => {
    const waiter = waiters.expect(timeoutMs, signal)
    waiter.repeat(RESEND_MS, () => socket.send(Buffer.from(writeHello(waiter.nonce)), to))
    return waiter.answered
  }

  const helloTcp = async (
    request: { localPort: number | null; to: Endpoint; timeoutMs: number },
    signal: AbortSignal,
  ): Promise<Endpoint | null> => {
    const waiter = waiters.expect(request.timeoutMs, signal)
    try {
      const socket = await sockets.connectTcp({ ...request, signal })
      attend(socket)
      socket.send(Buffer.from(writeHello(waiter.nonce)))
      return await waiter.answered
    } catch (error) {
      waiter.giveUp()
      if (signal.aborted || !NOT_REACHED.has(codeOf(error))) throw error
      return null
    }
  }

  const untilReset = (options: AbortOptions | undefined): AbortSignal =>
    eitherSignal(options?.signal, ended.signal)

  const open = async (
    { protocol, localPort, to, listen: listens, timeoutMs }: OpenRequest,
    options?: AbortOptions,
  ): Promise<(Endpoint | null)[]> => {
    const signal = untilReset(options)
    if (protocol === 'udp') {
      const socket = await bindUdp(localPort)
      return Promise.all(to.map((each) => helloUdp(socket, each, timeoutMs, signal)))
    }
    const seen = await Promise.all(
      to.map((each) => helloTcp({ localPort, to: each, timeoutMs }, signal)),
    )
    // Afterwards only: dialling from a port that one listens on is EADDRINUSE.
    if (listens) await listen(localPort)
    return seen
  }

  const knock = async (
    { protocol, fromPort, to, timeoutMs }: KnockRequest,
    options?: AbortOptions,
  ): Promise<Endpoint | null> => {
    const signal = untilReset(options)
    return protocol === 'udp'
      ? helloUdp(await bindUdp(fromPort ?? 0), to, timeoutMs, signal)
      : helloTcp({ localPort: fromPort, to, timeoutMs }, signal)
  }

  const reset = async (): Promise<void> => {
    ended.abort(new DOMException('the probe was reset', 'AbortError'))
    ended = new AbortController()
    setMaxListeners(0, ended.signal)
    for (const socket of connections) socket.destroy()
    connections.clear()
    const bound = await Promise.allSettled(udpSockets.values())
    udpSockets.clear()
    const held: AsyncDisposable[] = listeners.splice(0)
    for (const each of bound) if (each.status === 'fulfilled') held.push(each.value)
    await Promise.all(held.map((each) => each[Symbol.asyncDispose]()))
  }

  return {
    reflect: async (ports) => {
      await Promise.all(ports.flatMap((port) => [listen(port), bindUdp(port)]))
    },
    open,
    knock,
    reset,
    [Symbol.asyncDispose]: reset,
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

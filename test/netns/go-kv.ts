import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import type { NodeApi } from '#node/api/node-api.ts'
import { BUILT_IN } from '#node/base/sources.ts'
import { FOREIGN_SOURCES } from '#orchestrator/fabric/foreign-sources.ts'
import { buildLocally } from '#orchestrator/fabric/local-build.ts'
import { createForeignPeer } from '#orchestrator/foreign/foreign-peer.ts'

/** Why the machine cannot build go-kv; null where it can. */
export const missingGo = await promisify(execFile)('go', ['version']).then(
  () => null,
  () => 'the toolchain go is not installed',
)

/** A go-libp2p peer on loopback; nothing of it is left once it is disposed of. */
export interface GoPeer extends AsyncDisposable {
  api: NodeApi
  id: string
  /** A multiaddr of it, with its peer id: over plain TCP where it listens there. */
  address: string
}

function isPlain(address: string): boolean {
  return /\/tcp\/\d+$/.test(address)
}

export async function startGo(env: Record<string, string> = {}): Promise<GoPeer> {
  const sources = FOREIGN_SOURCES.find(({ name }) => name === 'go-kv')
  assert.ok(sources)
  const program = await buildLocally({
    root: BUILT_IN,
    sources,
    env: process.env,
    onProgress: () => {},
  })
  const listen = env['LISTEN'] ?? '/ip4/127.0.0.1/tcp/0'
  const child = spawn(program, { env: { ...env, LISTEN: listen } })
  const api = createForeignPeer(child.stdout, child.stdin)
  const stop = async (): Promise<void> => {
    await api[Symbol.asyncDispose]()
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  // go-libp2p tells of what it listens on in any order.
  const wantsPlain = listen.split(',').some(isPlain)
  let id = ''
  for await (const event of api.events()) {
    if (event.event === 'start') id = event.peer
    if (event.event !== 'listening' || (wantsPlain && !isPlain(event.address))) continue
    return { api, id, address: `${event.address}/p2p/${id}`, [Symbol.asyncDispose]: stop }
  }
  await stop()
  throw new Error('go-kv ended before it listened')
}

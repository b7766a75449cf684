import assert from 'node:assert/strict'
import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { silentLog } from '#node/base/log.ts'
import { BUILT_IN } from '#node/base/sources.ts'
import { parseConfig } from '#node/config/config.ts'
import { kadInternals } from '#node/patches/kad-internals.ts'
import { createPeer } from '#node/peer/peer.ts'
import { FOREIGN_SOURCES } from '#orchestrator/fabric/foreign-sources.ts'
import { buildLocally } from '#orchestrator/fabric/local-build.ts'
import { createForeignPeer } from '#orchestrator/foreign/foreign-peer.ts'

/** Null where the machine can build it. */
const missing = await promisify(execFile)('go', ['version']).then(
  () => null,
  () => 'the toolchain go is not installed',
)

async function startGo(): Promise<ChildProcessWithoutNullStreams> {
  const sources = FOREIGN_SOURCES.find(({ name }) => name === 'go-kv')
  assert.ok(sources)
  const program = await buildLocally({
    root: BUILT_IN,
    sources,
    env: process.env,
    onProgress: () => {},
  })
  return spawn(program, { env: { LISTEN: '/ip4/127.0.0.1/tcp/0' } })
}

describe('go-libp2p on loopback', { timeout: 300_000 }, () => {
  const title = 'does not list a newcomer that answers no FIND_NODE, and that is said'
  it(title, { skip: missing ?? false }, async () => {
    const child = await startGo()
    await using go = createForeignPeer(child.stdout, child.stdin)
    await using _ = {
      async [Symbol.asyncDispose]() {
        child.kill('SIGKILL')
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      },
    }
    let BOOTSTRAP = ''
    let id = ''
    for await (const event of go.events()) {
      if (event.event === 'start') id = event.peer
      if (event.event === 'listening') BOOTSTRAP = join(event.address, 'p2p', id)
      if (BOOTSTRAP !== '') break
    }
    const env = { LISTEN: '/ip4/127.0.0.1/tcp/0', BOOTSTRAP, ADDRESS_SCOPE: 'any' }
    await using mute = await createPeer(parseConfig({ ...env, DIAL_PRIVATE: 'yes' }), {
      log: silentLog,
    })
    kadInternals(mute.dht).rpc.onIncomingStream = async (stream) => {
      stream.abort(new Error('this peer answers nothing'))
    }
    await mute.start()
    const peerId = mute.peerId.toString()
    for await (const event of go.events()) {
      if (event.event !== 'sighting' || event.peer !== peerId) continue
      if (event.cause !== 'ADMISSION_PROBE_FAILED') continue
      assert.equal(event.rung, 'addressable')
      assert.match(event.evidence?.error ?? '', /reset/)
      break
    }
    const [seen] = (await go.discovery()).filter((each) => each.peerId === peerId)
    assert.deepEqual([seen?.listed, seen?.cause], [false, 'ADMISSION_PROBE_FAILED'])
  })
})

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { examine, type ExamineOptions } from '#node/doctor/examine.ts'
import { createForeignPeer } from '#orchestrator/foreign/foreign-peer.ts'
import { examineAll, isRight } from '../../scripts/accuracy/doctor-trial.ts'

const STOCK = join(import.meta.dirname, '../../scripts/bench/kv/stock-peer.ts')

const OPTIONS: ExamineOptions = {
  protocol: '/ipfs/kad/1.0.0',
  scope: 'any',
  dialPrivate: true,
  timeoutMs: 20_000,
}

interface StockPeer extends AsyncDisposable {
  address: string
}

/** A js-libp2p peer as it comes, on loopback. */
async function startStock(env: Record<string, string> = {}): Promise<StockPeer> {
  const settings = { LISTEN: '/ip4/127.0.0.1/tcp/0', IDENTITY_SEED: '33'.repeat(32), ...env }
  const child = spawn(process.execPath, [STOCK], { env: settings })
  const ended = once(child, 'exit')
  const api = createForeignPeer(child.stdout, child.stdin)
  const stop = async (): Promise<void> => {
    await api[Symbol.asyncDispose]()
    child.kill('SIGKILL')
    await ended
  }
  for await (const event of api.events()) {
    if (event.event !== 'listening') continue
    return { address: event.address, [Symbol.asyncDispose]: stop }
  }
  await stop()
  throw new Error('the peer ended before it listened')
}

describe('the doctor, at a js-libp2p peer as it comes', { timeout: 300_000 }, () => {
  it('finds a server healthy, and knows whom it meets', async () => {
    await using peer = await startStock()
    const { healthy, implementation, checks } = await examine(peer.address, OPTIONS)
    assert.equal(healthy, true, JSON.stringify(checks))
    assert.equal(implementation, 'js')
  })

  for (const [title, env, cause, words] of [
    ['a client', { KAD_MODE: 'client' }, 'CLIENT_MODE', /`kadDHT\(\{ clientMode: false \}\)`/],
    [
      'another protocol',
      { KAD_PROTOCOL: '/x/kad/1.0.0' },
      'PROTOCOL_MISMATCH',
      /`kadDHT\(\{ protocol: '\/ipfs\/kad\/1\.0\.0' \}\)`: .*the target \/x\/kad\/1\.0\.0/,
    ],
  ] as const) {
    it(`names ${title} in the words of js-libp2p`, async () => {
      await using peer = await startStock(env)
      const { sighting } = await examine(peer.address, OPTIONS)
      assert.equal(sighting.cause, cause)
      assert.match(sighting.remedy?.text ?? '', words)
    })
  }

  it('says behind every NAT preset that it tells nobody of its public address, which it cannot verify', async () => {
    const { signal } = new AbortController()
    const found = await examineAll(
      { program: 'stock-js', announcing: 'nothing', open: true },
      signal,
    )
    assert.deepEqual(
      found.filter((each) => !isRight(each)),
      [],
    )
    assert.equal(
      found.find(({ preset }) => preset === 'public')?.seen.cause,
      'ONLY_PRIVATE_ADDRESSES',
    )
  })
})

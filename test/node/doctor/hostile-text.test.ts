import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { describe, it } from 'node:test'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { runDoctor } from '#node/doctor/command.ts'

/** Clears the screen, ends the line, and goes on with what the doctor would say. */
const FORGED = '\u001b[2J\r\n  ✔ dial-back  forged\u2028\u202e\u009b31m'

/** A peer whose every text is hostile: its agent, its addresses, its protocols. */
async function startHostile(): Promise<Libp2p & AsyncDisposable> {
  const peer = await createLibp2p({
    addresses: {
      listen: ['/ip4/127.0.0.1/tcp/0'],
      appendAnnounce: [`/dns4/a${FORGED}/tcp/1`],
    },
    nodeInfo: { userAgent: `agent${FORGED}` },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify(), ping: ping() },
  })
  await peer.handle([`/x/kad/1.0.0${FORGED}`, `/${FORGED}`], () => {})
  return Object.assign(peer, { [Symbol.asyncDispose]: async () => peer.stop() })
}

async function printed(words: string[], signal?: AbortSignal): Promise<string> {
  const output = new PassThrough({ encoding: 'utf8' })
  const errors = new PassThrough({ encoding: 'utf8' })
  const io = { env: {}, output, errors, progress: true, ...(signal && { signal }) }
  await runDoctor(words, io)
  return `${String(output.read() ?? '')}${String(errors.read() ?? '').replaceAll('\r\u001b[2K', '')}`
}

function assertSafe(text: string): void {
  assert.match(text, /forged/, 'it was heard')
  assert.doesNotMatch(text, /^\s*✔ dial-back +forged/m)
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u202e]/)
}

describe('the doctor, at a peer whose texts are hostile', () => {
  const any = ['--scope', 'any', '--dial-private', '--timeout', '5']

  it('forges no line of it, and moves no cursor', async () => {
    await using peer = await startHostile()
    const address = String(peer.getMultiaddrs()[0])
    assertSafe(await printed([address, ...any]))
  })

  it('nor where several are examined', async () => {
    await using peer = await startHostile()
    await using other = await startHostile()
    const addresses = [peer, other].map((each) => String(each.getMultiaddrs()[0]))
    assertSafe(await printed([...addresses, ...any]))
  })

  it('nor in JSON, which can be read back', async () => {
    await using peer = await startHostile()
    const text = await printed([String(peer.getMultiaddrs()[0]), ...any, '--json'])
    assertSafe(text)
    assert.match(text, /\\u001b/)
  })
})

import assert from 'node:assert/strict'
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'

const LOOPBACK = { LISTEN: '/ip4/127.0.0.1/tcp/0', ADDRESS_SCOPE: 'any' }

type Child = ChildProcessByStdio<Writable, Readable, Readable> & AsyncDisposable

function start(env: Record<string, string>, args: string[] = []): Child {
  const entry = join(import.meta.dirname, '..', '..', 'node', 'main.ts')
  const child = spawn(process.execPath, [entry, ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  return Object.assign(child, {
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  })
}

/** The line in which it logs this; what it logged before is skipped. */
async function logged(child: Child, message: string): Promise<string> {
  for await (const line of createInterface(child.stderr)) if (line.includes(message)) return line
  assert.fail(`it ended without logging ${message}`)
}

interface Served {
  address: string
}

describe('main', () => {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    it(`ends with status 0 at ${signal}, with nothing on standard output`, async () => {
      await using child = start(LOOPBACK)
      const output = text(child.stdout)
      await logged(child, 'started')
      child.kill(signal)
      assert.deepEqual(await once(child, 'exit'), [0, null])
      assert.equal(await output, '')
    })
  }

  it('outlives the end of standard input', async () => {
    await using child = start({ ...LOOPBACK, STDIO_API: 'yes' })
    child.stdin.end()
    await logged(child, 'started')
    // The end of the input has come through by the time that a node, started later, is up.
    await using later = start(LOOPBACK)
    await logged(later, 'started')
    assert.equal(child.exitCode, null)
    child.kill('SIGTERM')
    assert.deepEqual(await once(child, 'exit'), [0, null])
  })

  it('serves others when the reader of its standard output has gone', async () => {
    const env = { ...LOOPBACK, STDIO_API: 'yes', API_LISTEN: '127.0.0.1:0' }
    await using child = start(env)
    child.stdout.destroy()
    // By then it has written its first events.
    const served = await logged(child, 'serving the API over HTTP')
    const { address } = JSON.parse(served) as Served
    assert.equal((await fetch(`http://${address}/v1/status`)).status, 200)
    child.kill('SIGTERM')
    assert.deepEqual(await once(child, 'exit'), [0, null])
  })

  it('refuses wrong settings with status 2 and all faults on standard error', async () => {
    await using child = start({ LISTEN_PORT: 'x', KAD_MODE: 'y', PUBLIC_IPS: '11.0.0.1' })
    const [error, [status]] = await Promise.all([text(child.stderr), once(child, 'exit')])
    assert.equal(status, 2)
    for (const name of ['LISTEN_PORT', 'KAD_MODE', 'PUBLIC_IPS'])
      assert.match(error, new RegExp(name))
    assert.doesNotMatch(error, / at .*\.ts/)
  })

  it('serves no API to others without a token, and tells nobody which it is', async () => {
    const open = { ...LOOPBACK, API_LISTEN: '0.0.0.0:0' }
    await using refused = start(open)
    const [error, [status]] = await Promise.all([text(refused.stderr), once(refused, 'exit')])
    assert.equal(status, 2)
    assert.match(error, /API_LISTEN: expected API_TOKEN beside it/)

    const token = 'a-token-of-this-test'
    await using child = start({ ...open, API_TOKEN: token, LOG_LEVEL: 'trace' })
    const said: string[] = []
    child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()))
    const { address } = JSON.parse(await logged(child, 'serving the API over HTTP')) as Served
    const url = `http://127.0.0.1:${address.split(':').pop()}/v1/status`
    assert.equal((await fetch(url)).status, 401)
    const headers = { authorization: `Bearer ${token}` }
    assert.equal((await fetch(url, { headers })).status, 200)
    child.kill('SIGTERM')
    assert.deepEqual(await once(child, 'exit'), [0, null])
    assert.doesNotMatch(said.join(''), new RegExp(token))
  })

  it('refuses a command that it does not know with status 2', async () => {
    await using child = start(LOOPBACK, ['nod'])
    assert.deepEqual(await once(child, 'exit'), [2, null])
  })

  it('refuses a corrupt identity file with status 1 and leaves it as it was', async () => {
    await using dir = await mkdtempDisposable(join(tmpdir(), 'kadlab-'))
    const path = join(dir.path, 'identity.pem')
    await writeFile(path, 'rubbish')
    await using child = start({ ...LOOPBACK, IDENTITY_FILE: path })
    const [error, [status]] = await Promise.all([text(child.stderr), once(child, 'exit')])
    assert.equal(status, 1)
    assert.match(error, /expected an Ed25519 private key/)
    assert.equal(await readFile(path, 'utf8'), 'rubbish')
  })
})

import assert from 'node:assert/strict'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { serveHttp } from '#node/api/http.ts'
import { runLine, runShell } from '#node/shell.ts'
import { createFakeApi } from '#test/node/api/fake-api.ts'

async function session(lines: string[]): Promise<{ status: number; printed: string }> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-shell-'))
  const listen = { path: join(folder.path, 'api.sock') }
  const api = createFakeApi({
    discovery: async (options) => createFakeApi().discovery({ ...options, targets: ['12D3KooWB'] }),
  })
  await using _face = await serveHttp(api, { listen, metrics: null })
  const [input, output] = [new PassThrough(), new PassThrough()]
  const printed = text(output)
  input.end(`${lines.join('\n')}\n`)
  const status = await runShell({ api: listen, input, output, interactive: false })
  output.end()
  return { status, printed: await printed }
}

describe('the shell', () => {
  it('puts, gets, provides and finds over a unix socket', async () => {
    const { status, printed } = await session([
      'put a/ü two  words',
      'GET a/ü',
      'GET_PROVIDERS a/ü',
      'PEERS',
      'QUIT',
      'GET after',
    ])
    assert.equal(status, 0)
    assert.equal(
      printed,
      'stored at 1 other peer\ntwo  words\n(from self)\nprovider of a/ü\nnone\n',
    )
  })

  it('prints each peer with its cause, what was seen and what mends it', async () => {
    const { printed } = await session(['DISCOVERY DIAL'])
    assert.equal(
      printed,
      [
        'PEER       RUNG             LISTED  DIALABLE  CAUSE',
        '12D3KooWB  speaks-kademlia  no      no        ONLY_PRIVATE_ADDRESSES',
        '    why: every address that the target announces is private, and the filter keeps public ones',
        '    announces /ip4/10.2.0.10/tcp/3000',
        '    ADDRESS_SCOPE=public keeps nothing',
        '    remedy: announce a public address',
        '            PUBLIC_IP=11.0.0.12   (on the target)',
        '',
      ].join('\n'),
    )
  })

  it('says what is wrong and goes on; where nobody watches, its status tells', async () => {
    const { status, printed } = await session([
      'NONSENSE',
      'PUT x',
      'GET nothing',
      'HELP',
      'PUT x v',
    ])
    assert.equal(status, 1)
    assert.match(printed, /expected a command, saw NONSENSE\n/)
    assert.match(printed, /expected PUT <key> <value>\n/)
    assert.match(printed, /NotFoundError: no value under "nothing"\n/)
    assert.match(printed, /stored at 1 other peer\n$/)
    assert.match(
      (await runLine({ path: '/nowhere/api.sock' }, 'PEERS')).text,
      /^DisconnectedError: /,
    )
    assert.equal((await runLine({ path: '/nowhere' }, 'constructor')).ok, false)
  })
})

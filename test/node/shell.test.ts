import assert from 'node:assert/strict'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { createHttpClient } from '#node/api/http/client.ts'
import { serveHttp } from '#node/api/http/serve.ts'
import { runLine, runShell, type ShellContext } from '#node/shell.ts'
import { createStyle } from '#node/view/style.ts'
import { createFakeApi } from '#test/node/api/fake-api.ts'

const VIEW = {
  names: new Map([['12D3KooWB', 'B']]),
  width: 80,
  style: createStyle(false),
  print: () => {},
}
const nowhere = (path: string): ShellContext => ({ ...VIEW, api: createHttpClient({ path }) })

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
  const status = await runShell({
    ...VIEW,
    api: createHttpClient(listen),
    input,
    output,
    interactive: false,
  })
  output.end()
  return { status, printed: await printed }
}

describe('the shell', () => {
  it('puts, gets, provides and finds over a unix socket', async () => {
    const { status, printed } = await session([
      'put a/ü two  words',
      'GET a/ü',
      'GET_PROVIDERS a/ü',
      'LIST',
      'LIST a/ü',
      'PEERS',
      'WATCH a/ü 1',
      'DELETE a/ü',
      'QUIT',
      'GET after',
    ])
    assert.equal(status, 0)
    assert.equal(
      printed,
      'stored at 1 other peer\ntwo  words\n(from self alone, version 1-0-writer)\n' +
        'provider of a/ü\na/ü  10 bytes\nnone\nnone\ntwo  words\n(version 1-0-writer)\ndeleted at 1 other peer\n',
    )
  })

  it('shows a key with white space in quotes, and takes it so', async () => {
    const { status, printed } = await session(['PUT "a v', 'LIST', 'LIST "\\"a"', 'LIST "a'])
    assert.equal(status, 1)
    const [stored, shown, behind, refused] = printed.split('\n')
    assert.deepEqual([stored, shown, behind], ['stored at 1 other peer', '"\\"a"  1 byte', 'none'])
    assert.match(refused ?? '', /^BadRequestError: expected a key, in quotes .* saw "a/)
  })

  it('prints each peer with its cause, what was seen and what fixes it', async () => {
    const { printed } = await session(['DISCOVERY DIAL'])
    assert.equal(
      printed,
      [
        'observer ╲ target  B                  fake-peer',
        'fake-peer          ○ speaks-kademlia  ·',
        '',
        'B at fake-peer: speaks-kademlia, ONLY_PRIVATE_ADDRESSES',
        '  why       every address that B announces is private, and the filter keeps',
        '            public ones',
        "  evidence  B announces 10.2.0.10:3000; fake-peer's filter (public) keeps none",
        '  remedy    PUBLIC_IP=11.0.0.12 on B',
        '            announce a public address',
        '',
      ].join('\n'),
    )
  })

  it('gives each peer one line, whatever stands in its addresses', async () => {
    const addresses = ['/dns4/a\u001b[2J\nforged  connected, listed/tcp/1']
    const state = { connected: true, listed: false, agent: null, remoteAddresses: [] }
    const peer = { peerId: 'B', ...state, addresses }
    const api = createFakeApi({ peers: async () => Promise.resolve([peer]) })
    const { text } = await runLine({ ...VIEW, api }, 'PEERS')
    assert.equal(
      text,
      'B  connected, not listed  /dns4/a\\u{1b}[2J\\u{a}forged  connected, listed/tcp/1\n',
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
      (await runLine(nowhere('/nowhere/api.sock'), 'PEERS')).text,
      /^DisconnectedError: /,
    )
    assert.equal((await runLine(nowhere('/nowhere'), 'constructor')).ok, false)
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { peerIdFromString } from '@libp2p/peer-id'
import { base32 } from 'multiformats/bases/base32'
import { base36 } from 'multiformats/bases/base36'
import { CONFIG_VARIABLES, ConfigError, parseConfig } from '#node/config/config.ts'

const PEER = '12D3KooWJZGgsYmV9TRLGsmpyfpNgq4XMUGMdFaYU6zXFUdNgQ3H'

function faultsOf(env: Record<string, string>): ConfigError['faults'] {
  try {
    parseConfig(env)
  } catch (error) {
    assert.ok(error instanceof Error && error.name === 'ConfigError')
    return (error as ConfigError).faults
  }
  return assert.fail('the environment was accepted')
}

function refusedAt(env: Record<string, string>): void {
  assert.throws(() => parseConfig(env), {
    name: 'ConfigError',
    message: /API_LISTEN: expected API_TOKEN beside it/,
  })
}

describe('parseConfig', () => {
  it('makes a listening server with public scope from an empty environment', () => {
    const config = parseConfig({})
    assert.deepEqual(config.listen, ['/ip4/0.0.0.0/tcp/3000'])
    assert.equal(config.kadMode, 'server')
    assert.equal(config.kadProtocol, '/ipfs/kad/1.0.0')
    assert.equal(config.addressScope, 'public')
    assert.deepEqual(config.identity, { kind: 'random' })
    assert.equal(config.stdioApi, false)
  })

  it('takes an empty variable as unset, as Compose passes it', () => {
    assert.deepEqual(parseConfig({ LISTEN_PORT: '', BOOTSTRAP: ' ' }), parseConfig({}))
  })

  it('splits lists at commas and white space, and takes addresses with and without a peer id', () => {
    const { bootstrap } = parseConfig({
      BOOTSTRAP: `/ip4/11.0.0.1/tcp/3000/p2p/${PEER}, /dns4/a.example/tcp/3000\n/ip4/11.0.0.2/tcp/1`,
    })
    assert.deepEqual(bootstrap, [
      `/ip4/11.0.0.1/tcp/3000/p2p/${PEER}`,
      '/dns4/a.example/tcp/3000',
      '/ip4/11.0.0.2/tcp/1',
    ])
  })

  it('reports all faults together, each with what was seen and what is allowed', () => {
    const faults = faultsOf({
      LISTEN_PORT: '70000',
      KAD_MODE: 'servr',
      BOOTSTRAP: '11.0.0.1:3000',
      PUBLIC_IP: '11.0.0.300',
      STDIO_API: 'true',
      API_LISTEN: 'nowhere',
      DIAL_PRIVATE: '10.0.0.0/40',
    })
    assert.deepEqual(
      faults.map(({ variable, seen }) => [variable, seen]),
      [
        ['LISTEN_PORT', '70000'],
        ['PUBLIC_IP', '11.0.0.300'],
        ['BOOTSTRAP', '11.0.0.1:3000'],
        ['KAD_MODE', 'servr'],
        ['DIAL_PRIVATE', '10.0.0.0/40'],
        ['API_LISTEN', 'nowhere'],
        ['STDIO_API', 'true'],
      ],
    )
    assert.equal(faults[3]?.allowed, 'server, client, auto')
    assert.match(
      new ConfigError(faults).message,
      /7 settings are wrong:\n {2}LISTEN_PORT: expected/,
    )
  })

  it('refuses addresses that no node could use', () => {
    for (const [variable, seen] of [
      ['BOOTSTRAP', '/ip4/11.0.0.1/tcp/3000/p2p/xyz'],
      ['LISTEN', `/ip4/0.0.0.0/tcp/3000/p2p/${PEER}`],
      ['LISTEN', '/dns4/a.example/tcp/3000'],
      ['LISTEN', ','],
      ['PUBLIC_IP', '0.0.0.0'],
      ['PUBLIC_IP', '::'],
      ['PUBLIC_IP', '224.0.0.1'],
      ['PUBLIC_IP', '255.255.255.255'],
      ['PUBLIC_IP', 'ff02::1'],
    ] as const) {
      const faults = faultsOf({ [variable]: seen })
      assert.deepEqual([faults.length, faults[0]?.variable, faults[0]?.seen], [1, variable, seen])
    }
    for (const good of ['223.255.255.254', '240.0.0.1', '2a00::1', '127.0.0.1', '::1']) {
      assert.equal(parseConfig({ PUBLIC_IP: good }).publicIp, good)
    }
  })

  it('does not print a secret that is wrong', () => {
    const [fault] = faultsOf({ IDENTITY_SEED: 'abcdef' })
    assert.equal(fault?.seen, null)
    assert.doesNotMatch(new ConfigError([fault]).message, /abcdef/)
  })

  it('refuses two identities, and a public address on a port nobody knows', () => {
    const seed = 'ab'.repeat(32)
    assert.deepEqual(
      faultsOf({
        IDENTITY_FILE: 'k',
        IDENTITY_SEED: seed,
        PUBLIC_IP: '11.0.0.1',
        LISTEN_PORT: '0',
      }).map(({ variable }) => variable),
      ['IDENTITY_FILE', 'LISTEN_PORT'],
    )
    const [fault] = faultsOf({
      PUBLIC_IP: '11.0.0.1',
      LISTEN: '/ip4/0.0.0.0/tcp/1,/ip4/0.0.0.0/tcp/0',
    })
    assert.equal(fault?.variable, 'LISTEN')
  })

  it('refuses names that are obviously misspelled, and leaves foreign ones alone', () => {
    for (const [name, meant] of [
      ['PUBLIC_IPS', 'PUBLIC_IP'],
      ['BOOTSTRAPS', 'BOOTSTRAP'],
      ['BOOSTTRAP', 'BOOTSTRAP'],
      ['BOOTSRTAP', 'BOOTSTRAP'],
      ['public_ip', 'PUBLIC_IP'],
      ['KAD_ALPHA', null],
    ] as const) {
      const [fault] = faultsOf({ [name]: 'x' })
      assert.equal(fault?.variable, name)
      if (meant !== null) assert.equal(fault.allowed, `the name ${meant}`)
    }
    for (const name of [
      'PATH',
      'LISTEN_FDS',
      'LISTEN_HOST',
      'LOGLEVEL',
      'HOSTNAME',
      'npm_config_log',
      'IP',
    ]) {
      parseConfig({ [name]: 'x' })
    }
  })

  it('dials private addresses by default only where the scope is not public', () => {
    assert.equal(parseConfig({}).dialPrivate, false)
    assert.equal(parseConfig({ ADDRESS_SCOPE: 'any' }).dialPrivate, true)
    assert.deepEqual(parseConfig({ DIAL_PRIVATE: '10.0.0.0/8,fd00::/8' }).dialPrivate, [
      '10.0.0.0/8',
      'fd00::/8',
    ])
  })

  it('keeps the identity in DATA_DIR unless another place is named', () => {
    assert.deepEqual(parseConfig({ DATA_DIR: '/data' }).identity, {
      kind: 'file',
      path: '/data/identity.pem',
    })
    assert.deepEqual(parseConfig({ DATA_DIR: '/data', IDENTITY_FILE: '/k' }).identity, {
      kind: 'file',
      path: '/k',
    })
  })

  it('lets only this machine reach an API without a token', () => {
    const within = [
      '/run/k.sock',
      './k.sock',
      '127.0.0.1:80',
      '127.9.9.9:80',
      '[::1]:80',
      'localhost:80',
    ]
    for (const listen of [...within, '[::ffff:127.0.0.1]:80']) parseConfig({ API_LISTEN: listen })
    const beyond = [
      '0.0.0.0:80',
      '[::]:80',
      '11.0.0.1:80',
      '10.1.1.1:80',
      'kad:80',
      '127.evil.example:80',
    ]
    for (const listen of beyond) {
      refusedAt({ API_LISTEN: listen })
      const token = 'A.token_of~16+chars/-=='
      assert.equal(parseConfig({ API_LISTEN: listen, API_TOKEN: token }).apiToken, token)
    }
    parseConfig({ API_LISTEN: '0.0.0.0:80', API_PUBLISHED_AT: '127.0.0.1' })
    refusedAt({ API_LISTEN: '0.0.0.0:80', API_PUBLISHED_AT: '11.0.0.1' })
    refusedAt({ API_LISTEN: '127.0.0.1:80', API_PUBLISHED_AT: '11.0.0.1' })
  })

  it('never says which token it saw', () => {
    for (const token of ['fifteen-letters', 'with a space in it', 'ä-token-of-sixteen']) {
      assert.throws(
        () => parseConfig({ API_TOKEN: token }),
        (error) => error instanceof Error && !error.message.includes(token),
      )
    }
  })

  it('lets a body be as large as a value, where it says nothing else', () => {
    assert.equal(parseConfig({}).apiMaxBodyBytes, 8192)
    assert.equal(parseConfig({ MAX_VALUE_BYTES: '100' }).apiMaxBodyBytes, 8192)
    assert.equal(parseConfig({ MAX_VALUE_BYTES: '65536' }).apiMaxBodyBytes, 65_536)
    const both = { MAX_VALUE_BYTES: '65536', API_MAX_BODY_BYTES: '2000' }
    assert.equal(parseConfig(both).apiMaxBodyBytes, 2000)
    for (const env of [{ MAX_VALUE_BYTES: '65537' }, { MAX_KEY_BYTES: '1025' }]) {
      assert.throws(() => parseConfig(env), { name: 'ConfigError' })
    }
  })

  it('reads the API address as a socket path or a host and port', () => {
    assert.deepEqual(parseConfig({ API_LISTEN: '/run/k.sock' }).apiListen, { path: '/run/k.sock' })
    assert.deepEqual(parseConfig({ API_LISTEN: '[::1]:80' }).apiListen, { host: '::1', port: 80 })
    assert.deepEqual(parseConfig({ API_LISTEN: 'localhost:80' }).apiListen, {
      host: 'localhost',
      port: 80,
    })
  })
})

describe('PEER_NAMES', () => {
  const A = '12D3KooWB53pLF14dsZEHjg9UbvBXfkAeJRjyRReVX4eDKtZgsGN'
  const B = '12D3KooWJJtAqCktx7g56W5qt6LmUbwAikh9cYoZ6SuuUAgMyGw9'

  it('names peers, one after the other', () => {
    const { peerNames } = parseConfig({ PEER_NAMES: `cloud-a=${A}, Büro.2=${B}` })
    assert.deepEqual(
      [...peerNames],
      [
        [A, 'cloud-a'],
        [B, 'Büro.2'],
      ],
    )
    assert.equal(parseConfig({}).peerNames.size, 0)
  })

  it('takes a peer id in the spelling of a CID for the same', () => {
    const a = peerIdFromString(A).toCID()
    for (const spelled of [a.toString(base36), a.toString(base32)]) {
      const { peerNames } = parseConfig({ PEER_NAMES: `cloud-a=${spelled}` })
      assert.deepEqual([...peerNames], [[A, 'cloud-a']])
    }
  })

  it('refuses what is no name or no peer id', () => {
    for (const text of [`=${A}`, `a b=${A}`, 'cloud-a=', 'cloud-a=11.0.0.11', A]) {
      assert.throws(() => parseConfig({ PEER_NAMES: text }), { name: 'ConfigError' }, text)
    }
  })
})

describe('CONFIG_VARIABLES', () => {
  it('documents every variable with a sentence, and its default parses', () => {
    for (const { name, doc, allowed, default: fallback } of CONFIG_VARIABLES) {
      assert.match(doc, /^[A-Z].*\.$/, name)
      assert.notEqual(allowed, '', name)
      if (!/[A-Z ]/.test(fallback) && fallback !== '') parseConfig({ [name]: fallback })
    }
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { multiaddr } from '@multiformats/multiaddr'
import { createLog, libp2pLogger, logOf, type LogOptions } from '#node/base/log.ts'

function collecting(level: LogOptions['level'], format: LogOptions['format'] = 'json') {
  const lines: string[] = []
  return { lines, log: createLog({ level, format, write: (line) => lines.push(line) }) }
}

describe('createLog', () => {
  it('writes one JSON object a line, with the time and without the host', () => {
    const { lines, log } = collecting('info')
    log.child({ part: 'join' }).info({ peer: 'x' }, 'joined')
    assert.equal(lines.length, 1)
    const { time, ...rest } = JSON.parse(lines[0] ?? '') as Record<string, unknown>
    assert.deepEqual(rest, { level: 30, part: 'join', peer: 'x', msg: 'joined' })
    assert.match(String(time), /^\d{4}-\d\d-\d\dT/)
    assert.ok(lines[0]?.endsWith('\n'))
  })

  it('writes text for people where asked', () => {
    const { lines, log } = collecting('info', 'pretty')
    log.warn({ peer: 'x', tries: 2 }, 'no answer')
    assert.match(lines[0] ?? '', /^\d\d:\d\d:\d\d\.\d{3} WARN {2}no answer {2}peer=x tries=2\n$/)
  })

  it('names the peers that have a name', () => {
    const lines: string[] = []
    const peerNames = new Map([['12D3KooWA', 'cloud-a']])
    const log = createLog({
      level: 'info',
      format: 'json',
      peerNames,
      write: (line) => lines.push(line),
    })
    log.info({ peer: '12D3KooWA' }, 'one')
    log.child({ part: 'join' }).info({ peer: '12D3KooWB' }, 'two')
    const names = lines.map((line) => (JSON.parse(line) as { peerName?: string }).peerName)
    assert.deepEqual(names, ['cloud-a', undefined])
  })

  it('says by its name who speaks, and leaves records to programs', () => {
    const { lines, log } = collecting('info', 'pretty')
    const a = logOf('12D3KooWA', log, new Map([['12D3KooWA', 'cloud-a']]))
    a.info({ evidence: { kept: [] }, set: 'X=1', listening: ['y'] }, 'one')
    logOf('12D3KooWB', log, new Map()).info({}, 'two')
    const said = lines.map((line) => line.slice('00:00:00.000 INFO  '.length))
    assert.deepEqual(said, ['one  name=cloud-a set=X=1 listening=["y"]\n', 'two\n'])
  })

  it('keeps quiet below its level', () => {
    const { lines, log } = collecting('warn')
    log.info({}, 'nothing')
    assert.deepEqual(lines, [])
  })
})

describe('libp2pLogger', () => {
  it("fills libp2p's placeholders", () => {
    const { lines, log } = collecting('trace')
    const libp2p = libp2pLogger(log).forComponent('libp2p:test')
    const address = multiaddr('/ip4/127.0.0.1/tcp/1')
    libp2p.newScope('sub').error('dial %a failed %d%% - %e', address, 5, new Error('why'), 'more')
    const { msg, component } = JSON.parse(lines[0] ?? '') as Record<string, unknown>
    assert.equal(msg, 'dial /ip4/127.0.0.1/tcp/1 failed 5% - why more')
    assert.equal(component, 'libp2p:test:sub')
  })

  it('formats nothing while its level is off', () => {
    const { log } = collecting('info')
    const libp2p = libp2pLogger(log).forComponent('libp2p:test')
    const untouchable = {
      toString: () => assert.fail('it was formatted'),
    }
    libp2p('%p', untouchable)
    libp2p.error('%p', untouchable)
    libp2p.trace('%p', untouchable)
    assert.equal(libp2p.enabled, false)
  })
})

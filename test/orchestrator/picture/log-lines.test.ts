import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createLog } from '#node/base/log.ts'
import { LogBook, type LogLine, matchingLines } from '#orchestrator/picture/log-lines.ts'

/** The lines of one node, in order. */
function logOf(lines: readonly string[]): readonly LogLine[] {
  const book = new LogBook()
  for (const [after, line] of lines.entries()) {
    book.push({ type: 'node-log', variant: 'bug', node: 'A', line, atMs: 10 * after }, after)
  }
  return book.ofNode('bug', 'A')
}

/** What kadlab's own log writes. */
function written(format: 'json' | 'pretty'): string[] {
  const lines: string[] = []
  const write = (line: string): void => void lines.push(line.trimEnd())
  const log = createLog({ level: 'trace', format, write })
  log.debug({ part: 'x' }, 'looks')
  log.info({ part: 'join', again: false }, 'joined')
  log.warn({ set: 'PUBLIC_IP=11.0.0.12', why: ['a', 'b'] }, 'B is not listed here')
  log.error({}, 'broke')
  return lines
}

describe('the lines of a log', () => {
  it('have level, message and fields where kadlab wrote them', () => {
    assert.deepEqual(
      logOf(written('json')).map(({ level, message, fields }) => [level, message, fields]),
      [
        ['debug', 'looks', 'part=x'],
        ['info', 'joined', 'part=join again=false'],
        ['warn', 'B is not listed here', 'set=PUBLIC_IP=11.0.0.12 why=["a","b"]'],
        ['error', 'broke', ''],
      ],
    )
  })

  it('have the level that stands in them where somebody else did', () => {
    const others = [
      ...written('pretty'),
      '2026-01-01T00:00:00Z  WARN libp2p_kad: no route',
      '2026/01/01 00:00:00 [ERROR] dht: closed',
      'level=info msg="started"',
      'panic: runtime error',
    ]
    assert.deepEqual(
      logOf(others).map(({ level }) => level),
      ['debug', 'info', 'warn', 'error', 'warn', 'error', 'info', 'error'],
    )
  })

  it('go on at the level of the line before where they say none', () => {
    const lines = ['hello', '{"level":50,"msg":"broke"}', '    at run (main.ts:3:1)', '{"cut off']
    assert.deepEqual(
      logOf(lines).map(({ level, message }) => [level, message]),
      [
        ['info', 'hello'],
        ['error', 'broke'],
        ['error', '    at run (main.ts:3:1)'],
        ['error', '{"cut off'],
      ],
    )
  })

  it('are found by level and by words, wherever they stand', () => {
    const log = logOf(written('json'))
    const found = (level: LogLine['level'], search: string): string[] =>
      matchingLines(log, level, search).map(({ message }) => message)
    assert.deepEqual(found('trace', ''), ['looks', 'joined', 'B is not listed here', 'broke'])
    assert.deepEqual(found('warn', ''), ['B is not listed here', 'broke'])
    assert.deepEqual(found('trace', '  LISTED public_ip '), ['B is not listed here'])
    assert.deepEqual(found('error', 'listed'), [])
  })

  it('belong to the variant that runs, and to a node whatever its name', () => {
    const book = new LogBook()
    book.push({ type: 'variant-start', variant: 'fixed', title: '', atMs: 0 }, 0)
    book.push({ type: 'node-log', variant: null, node: '__proto__', line: 'x', atMs: 1 }, 1)
    assert.equal(book.ofNode('fixed', '__proto__')[0]?.message, 'x')
    assert.deepEqual(book.ofNode('fixed', 'constructor'), [])
  })
})

import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { choice, count, durationMs, multiaddrs, type Variable } from '#node/config/rows.ts'
import { fieldOf, VARIABLES } from '#node/config/variables.ts'

/** What reads the settings: all of node/ that does not make them. */
const READERS = globSync('node/**/*.ts')
  .filter((path) => !path.startsWith('node/config/'))
  .map((path) => readFileSync(path, 'utf8'))

/** Settings that are decided from several rows: under which field each is read. */
const DECIDED: Readonly<Record<string, string>> = {
  listenPort: 'listen',
  identityFile: 'identity',
  identitySeed: 'identity',
}

/** Rows whose field nothing reads: of the settings (`config.field`), or taken out of them (`{ field }`). */
function unread(rows: Readonly<Record<string, Variable<unknown>>>): string[] {
  return Object.keys(rows).filter((name) => {
    const field = DECIDED[fieldOf(name)] ?? fieldOf(name)
    const read = new RegExp(`\\bconfig\\.${field}\\b|[{,]\\s*${field}\\b\\s*[,:}]`)
    return !READERS.some((text) => read.test(text))
  })
}

function read(row: Variable<unknown>, text: string): unknown {
  const result = row.schema.safeParse(text)
  return result.success ? result.data : 'refused'
}

describe('VARIABLES', () => {
  it('has no row that nothing reads', () => assert.deepEqual(unread(VARIABLES), []))

  it('would be seen to have one', () => {
    const planted = { PLANTED_ROW_MS: durationMs({ min: 1, default: 2, doc: 'Nothing reads it.' }) }
    assert.deepEqual(unread({ ...VARIABLES, ...planted }), ['PLANTED_ROW_MS'])
  })

  it('has durations in milliseconds, and the unit in their names', () => {
    for (const [name, { unit }] of Object.entries(VARIABLES)) {
      assert.equal(name.endsWith('_MS'), unit === 'ms', name)
    }
  })

  it('has defaults that are allowed', () => {
    for (const [name, row] of Object.entries<Variable<unknown>>(VARIABLES)) {
      if (row.default !== null) assert.notEqual(read(row, row.default), 'refused', name)
    }
  })
})

describe('a kind of row', () => {
  it('takes from its bounds what it allows and what it says of that', () => {
    const row = durationMs({ min: 100, default: 5000, doc: 'A pause.' })
    assert.deepEqual([row.allowed, row.unit, row.default], ['100 to 86400000', 'ms', '5000'])
    assert.equal(read(row, '99'), 'refused')
    assert.equal(read(row, '100'), 100)
    assert.equal(read(row, '86400001'), 'refused')
  })

  it('says what a bound means, where that is not clear', () => {
    const row = count({
      min: 0,
      max: 9,
      note: '0 for none',
      default: null,
      unit: 'peers',
      doc: 'A.',
    })
    assert.equal(row.allowed, '0 to 9; 0 for none')
    assert.equal(row.default, null)
  })

  it('takes one of its words', () => {
    const row = choice(['left', 'right'], { default: 'left', doc: 'A side.' })
    assert.equal(row.allowed, 'left, right')
    assert.equal(read(row, 'right'), 'right')
    assert.equal(read(row, 'up'), 'refused')
  })

  it('has no multiaddrs where none are given', () => {
    const row = multiaddrs({ doc: 'Addresses.' })
    assert.deepEqual(read(row, row.default ?? ''), [])
  })
})

describe('fieldOf', () => {
  it('writes the name of a variable as that of a setting', () => {
    assert.equal(fieldOf('METRICS'), 'metrics')
    assert.equal(fieldOf('KAD_QUERY_TIMEOUT_MS'), 'kadQueryTimeoutMs')
  })
})

import assert from 'node:assert/strict'
import { join, resolve } from 'node:path'
import { describe, it } from 'node:test'
import { chooseTests } from '../../../scripts/test/choice.ts'
import { SUITES } from '../../../scripts/test/suites.ts'

const root = resolve(import.meta.dirname, '../../..')

function choose(words: string[], directory = root): Record<string, string[]> {
  const chosen = chooseTests(words, SUITES, { root, directory })
  return Object.fromEntries(chosen.map(({ suite, files }) => [suite.name, files]))
}

describe('the words of npm test', () => {
  it('are suites, or everything where there are none', () => {
    const names = SUITES.map(({ name }) => name)
    const before = process.env['SWARM_ENGINES']
    try {
      process.env['SWARM_ENGINES'] = 'engines'
      assert.deepEqual(Object.keys(choose([])), names)
      delete process.env['SWARM_ENGINES']
      assert.deepEqual(
        Object.keys(choose([])),
        names.filter((name) => name !== 'swarm'),
      )
    } finally {
      if (before !== undefined) process.env['SWARM_ENGINES'] = before
    }
    assert.deepEqual(Object.keys(choose(['docker', 'netns'])), ['netns', 'docker'])
    assert.deepEqual(Object.keys(choose(['swarm'])), ['swarm'])
  })

  it('are files, from the folder of the user or of the project', () => {
    const file = 'test/scripts/test/choice.test.ts'
    assert.deepEqual(choose([file]), { unit: [file] })
    assert.deepEqual(choose(['choice.test.ts'], join(root, 'test/scripts/test')), { unit: [file] })
    assert.deepEqual(choose([file], join(root, 'docs')), { unit: [file] })
  })

  it('are folders', () => {
    const { unit = [], ...others } = choose(['test/scripts/'])
    assert.ok(unit.includes('test/scripts/test/choice.test.ts'))
    assert.ok(unit.every((file) => file.startsWith('test/scripts/')))
    assert.deepEqual(others, {})
  })

  it('are refused where they are nothing of that, or no test is there', () => {
    assert.throws(() => choose(['unti']), /no suite or file unti: the suites are unit, /)
    assert.throws(() => choose(['node/main.ts']), /no suite has a test at node\/main\.ts/)
  })
})

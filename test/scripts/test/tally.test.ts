import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, run } from 'node:test'
import { type Outcome, TestTally } from '../../../scripts/test/tally.ts'

const endOfFile = import.meta.resolve('../../../scripts/test/end-of-file.ts')

/** What a run of one file with this source tells, with the time limits of a test. */
async function tallyOf(source: string): Promise<Outcome[]> {
  const folder = await mkdtemp(join(tmpdir(), 'kadlab-tally-'))
  try {
    const file = join(folder, 'some.test.mjs')
    await writeFile(file, source)
    const outcomes: Outcome[] = []
    const tally = new TestTally((outcome) => outcomes.push(outcome))
    // This very test runs under node --test, whose mark in the environment would silence a run inside it.
    delete process.env['NODE_TEST_CONTEXT']
    const stream = run({
      files: [file],
      isolation: 'process',
      execArgv: ['--import', endOfFile],
      env: { ...process.env, TEST_END_PATIENCE_MS: '100' },
    })
    stream.on('test:pass', (event) => tally.passed(event))
    stream.on('test:fail', (event) => tally.failed(event))
    for await (const event of stream) {
      if (event.type !== 'test:summary' || event.data.file === undefined) continue
      tally.summarized(event.data.file, event.data.counts.tests)
    }
    tally.settle([file])
    return outcomes
  } finally {
    await rm(folder, { recursive: true })
  }
}

const head = `import { describe, it } from 'node:test'\n`
const kinds = (outcomes: Outcome[]): string[] => outcomes.map(({ kind, name }) => `${kind} ${name}`)

describe('TestTally', () => {
  it('counts tests and not their suites', async () => {
    const source = `${head}describe('a', () => { it('one', () => {}); describe('b', () => { it('two', () => {}) }) })`
    assert.deepEqual(kinds(await tallyOf(source)), ['passed one', 'passed two'])
  })

  it('takes a file that registers no test for a failure', async () => {
    assert.deepEqual(kinds(await tallyOf('')), ['failed the file registers no test'])
  })

  it('takes an empty suite for a failure', async () => {
    const source = `${head}it('one', () => {}); describe('a', () => {})`
    assert.deepEqual(kinds(await tallyOf(source)), ['passed one', 'failed a: the suite is empty'])
  })

  it('counts a failing test once, though its suite fails with it', async () => {
    const source = `${head}describe('a', () => { it('one', () => { throw new Error('no') }) })`
    assert.deepEqual(kinds(await tallyOf(source)), ['failed one'])
  })

  it('counts a failing hook of a suite', async () => {
    const source = `${head}import { before } from 'node:test'
describe('a', () => { before(() => { throw new Error('no') }); it('one', () => {}) })`
    assert.ok((await tallyOf(source)).some(({ kind }) => kind === 'failed'))
  })

  it('tells a test that was held back, with its reason', async () => {
    const outcomes = await tallyOf(`${head}it('one', { skip: 'no engine' }, () => {})`)
    assert.deepEqual(
      outcomes.map(({ kind, why }) => [kind, why]),
      [['skipped', 'no engine']],
    )
  })

  it('takes a file that lives on after its last test for a failure, once', async () => {
    const source = `${head}it('one', () => { setInterval(() => {}, 1000) })`
    const outcomes = await tallyOf(source)
    assert.equal(outcomes.length, 2)
    assert.match(String(outcomes[1]?.error), /test failed/)
  })

  it('takes a file whose process ends in the middle for a failure', async () => {
    const source = `${head}it('one', () => {}); it('two', () => { process.exit(0) }); it('three', () => {})`
    assert.ok((await tallyOf(source)).some(({ kind }) => kind === 'failed'))
  })

  it('takes a file for failed that never says that it ended, or ran more tests than it told of', () => {
    const outcomes: Outcome[] = []
    const tally = new TestTally((outcome) => outcomes.push(outcome))
    tally.summarized('/none.test.ts', 0)
    tally.summarized('/short.test.ts', 1)
    tally.settle(['/none.test.ts', '/short.test.ts', '/silent.test.ts'])
    assert.deepEqual(kinds(outcomes), ['failed /silent.test.ts', 'failed reports'])
  })
})

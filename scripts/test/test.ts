// npm test [-- suite ...]: runs every suite that the machine can run, and says what it left out and why.
// With CI=true a suite that was left out, or a test that was skipped, is a failure.
import { globSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { run } from 'node:test'
import { inspect, styleText } from 'node:util'
import { type Suite, SUITES } from './suites.ts'
import { type Outcome, TestTally } from './tally.ts'

const strict = process.env['CI'] === 'true'

function printOutcome(outcome: Outcome): void {
  const path = relative(process.cwd(), outcome.file)
  if (outcome.kind === 'passed') return
  if (outcome.kind === 'skipped') {
    console.log(styleText('yellow', `  left out: ${path}: ${outcome.name}: ${outcome.why}`))
    return
  }
  console.log(styleText('red', `  FAILED ${path}: ${outcome.name}`))
  console.log(inspect(outcome.error, { depth: 6 }).replaceAll(/^/gm, '    '))
}

async function runSuite(suite: Suite, tally: TestTally): Promise<void> {
  const files = suite.files.flatMap((glob) => globSync(glob)).toSorted()
  if (files.length === 0) return
  const missing = await suite.missing()
  if (missing !== null) {
    const line = `${suite.name}: left out, ${files.length} files: ${missing}`
    console.log(styleText('yellow', line))
    if (strict) tally.fail(suite.name, line)
    else tally.skip(suite.name, missing)
    return
  }
  console.log(styleText('bold', `${suite.name}: ${files.length} files`))
  const stream = run({
    files,
    concurrency: suite.concurrency,
    isolation: 'process',
    execArgv: ['--import', import.meta.resolve('./end-of-file.ts')],
  })
  stream.on('test:pass', (event) => tally.passed(event))
  stream.on('test:fail', (event) => tally.failed(event))
  stream.on('test:stderr', (event) => {
    const isAsked = process.env['TEST_STDERR'] === 'yes'
    if (isAsked || event.message.startsWith('still open')) process.stderr.write(event.message)
  })
  const started = performance.now()
  for await (const event of stream) {
    if (event.type === 'test:summary' && event.data.file !== undefined) {
      const { counts, file } = event.data
      tally.summarized(file, counts.tests)
      const mark = counts.failed === 0 ? styleText('green', 'ok') : styleText('red', 'no')
      console.log(`  ${mark} ${relative(process.cwd(), file)} (${counts.passed}/${counts.tests})`)
    }
  }
  tally.settle(files.map((file) => resolve(file)))
  console.log(`  ${((performance.now() - started) / 1000).toFixed(1)} s`)
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !SUITES.some((suite) => suite.name === name))
if (unknown.length > 0) {
  console.error(
    `no suite ${unknown.join(', ')}: there are ${SUITES.map((suite) => suite.name).join(', ')}`,
  )
  process.exit(2)
}
const tally = new TestTally(printOutcome)
for (const suite of SUITES) {
  if (wanted.length === 0 || wanted.includes(suite.name)) await runSuite(suite, tally)
}
const failed = tally.count('failed') + (strict ? tally.count('skipped') : 0)
if (strict && tally.count('skipped') > 0) {
  console.log(styleText('red', 'CI runs everything: the skipped tests above count as failed'))
}
const skipped = strict ? 0 : tally.count('skipped')
console.log(
  `${tally.count('passed')} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
)
process.exit(failed > 0 || tally.count('passed') === 0 ? 1 : 0)

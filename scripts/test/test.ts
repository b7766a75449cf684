// npm test [-- suite, file or folder ...]: runs every suite that the machine can run, and says what it left out and why.
// With CI=true a suite that was left out, or a test that was skipped, is a failure.
import { relative, resolve } from 'node:path'
import { run } from 'node:test'
import { inspect, styleText } from 'node:util'
import { describeError } from '#node/base/errors.ts'
import { type Chosen, chooseTests } from './choice.ts'
import { SUITES } from './suites.ts'
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

async function runSuite({ suite, files }: Chosen, tally: TestTally): Promise<void> {
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

const USAGE = `Usage: npm test -- [suite, file or folder ...]

Runs the tests: all of them, or those that are named.

${SUITES.map(({ name, about }) => `  ${name.padEnd(10)} ${about}`).join('\n')}

A suite that this machine cannot run is left out, and why is said; with CI=true that is a failure (of swarm: where
SWARM_ENGINES is set). TEST_STDERR=yes shows
what tests write to standard error. Exit status: 0 all passed, 1 one failed or none ran, 2 wrong use.
`

function chosen(): Chosen[] {
  const words = process.argv.slice(2)
  if (words.includes('--help') || words.includes('-h')) {
    process.stdout.write(USAGE)
    process.exit(0)
  }
  try {
    return chooseTests(words, SUITES, {
      root: process.cwd(),
      directory: process.env['INIT_CWD'] ?? process.cwd(),
    })
  } catch (error) {
    console.error(describeError(error))
    process.exit(2)
  }
}

const tally = new TestTally(printOutcome)
const wanted = chosen()
for (const each of wanted) await runSuite(each, tally)
if (process.argv.length === 2) {
  const ran = new Set(wanted.map(({ suite }) => suite))
  for (const suite of SUITES.filter((each) => !ran.has(each))) {
    console.log(styleText('yellow', `${suite.name}: left out: ${await suite.missing()}`))
  }
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

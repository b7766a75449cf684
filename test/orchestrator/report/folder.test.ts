import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { findScenario } from '#orchestrator/catalogue/catalogue.ts'
import { createFolderReport } from '#orchestrator/report/folder.ts'
import { type Report, reportSchema } from '#orchestrator/report/report-schema.ts'
import type { RunEvent } from '#orchestrator/run/events.ts'
import { eventsOf } from '#test/support/run-events.ts'

const events = await eventsOf((await findScenario('nat-two-nodes')).scenario)
const logLine: RunEvent = { type: 'node-log', variant: 'bug', node: 'A', line: 'hello', atMs: 1 }
const routerState: RunEvent = {
  type: 'router-state',
  router: 'a-router',
  files: { 'ruleset.nft': 'table\n' },
  atMs: 1,
}

describe('the report folder', () => {
  let parent = ''
  before(async () => {
    parent = await mkdtemp(join(tmpdir(), 'kadlab-report-'))
  })
  after(() => rm(parent, { recursive: true, force: true }))

  async function write(name: string, more: RunEvent[] = []): Promise<string> {
    await using report = await createFolderReport(join(parent, name))
    for (const event of [...more, ...events]) report.onEvent(event)
    return (await report.finish()).path
  }

  it('holds the report, JUnit, the events, logs and router states, and nothing is left beside it', async () => {
    const path = await write('whole', [logLine, routerState])
    assert.deepEqual((await readdir(path)).toSorted(), [
      'events.ndjson',
      'junit.xml',
      'logs',
      'report.html',
      'report.json',
      'routers',
    ])
    assert.equal(await readFile(join(path, 'logs/bug/A.log'), 'utf8'), 'hello\n')
    const page = await readFile(join(path, 'report.html'), 'utf8')
    assert.ok(page.includes(`\n${JSON.stringify(logLine)}\n`))
    assert.equal(await readFile(join(path, 'routers/a-router/ruleset.nft'), 'utf8'), 'table\n')
    const lines = (await readFile(join(path, 'events.ndjson'), 'utf8')).trimEnd().split('\n')
    assert.deepEqual(
      lines.map((line) => JSON.parse(line) as unknown),
      JSON.parse(JSON.stringify([routerState, ...events])),
    )
    assert.equal(
      (JSON.parse(await readFile(join(path, 'report.json'), 'utf8')) as { holds: boolean }).holds,
      true,
    )
    assert.deepEqual(await readdir(parent), ['whole'])
    await rm(path, { recursive: true })
  })

  it('replaces an older report, and what was in it', async () => {
    const path = await write('again', [logLine])
    await write('again')
    assert.ok(!(await readdir(path)).includes('logs'))
    await rm(path, { recursive: true })
  })

  it('never replaces a folder that holds something else', async () => {
    const path = join(parent, 'mine')
    await mkdir(path)
    await writeFile(join(path, 'thesis.txt'), 'x')
    await assert.rejects(createFolderReport(path), {
      name: 'ReportPlaceError',
      message: /holds something else/,
    })
    assert.deepEqual(await readdir(path), ['thesis.txt'])
    await rm(path, { recursive: true })
  })

  it('is not there at all before it is whole, and never where the run broke off', async () => {
    {
      await using report = await createFolderReport(join(parent, 'broken'))
      for (const event of events.slice(0, 20)) report.onEvent(event)
      assert.ok(!(await readdir(parent)).includes('broken'))
      await assert.rejects(report.finish(), { name: 'ReportError' })
    }
    assert.deepEqual(await readdir(parent), [])
  })

  it('is what was known by then where the run failed, with an error in JUnit', async () => {
    const path = join(parent, 'failed')
    const error = { name: 'RunTimeoutError', message: 'took "too" long' }
    {
      await using report = await createFolderReport(path)
      for (const event of events.slice(0, 20)) report.onEvent(event)
      report.onEvent({ type: 'run-failed', error, exitCode: 3, atMs: 7 })
      await report.finish()
    }
    const report = JSON.parse(await readFile(join(path, 'report.json'), 'utf8')) as Report
    assert.deepEqual([report.holds, report.failure], [false, { ...error, exitCode: 3 }])
    reportSchema.parse(report)
    const junit = await readFile(join(path, 'junit.xml'), 'utf8')
    assert.match(junit, /<testsuite name="run" tests="1" failures="0" errors="1" time="/)
    assert.match(junit, /<error type="RunTimeoutError" message="took &quot;too&quot; long"\/>/)
    await rm(path, { recursive: true })
  })

  it('is emptied as soon as the next run begins: a run that is killed leaves no older one', async () => {
    const path = await write('yesterday')
    await using _report = await createFolderReport(path)
    assert.ok(!(await readdir(parent)).includes('yesterday'))
  })

  it('is never emptied where something else is in it too', async () => {
    const path = await write('mixed')
    await writeFile(join(path, 'notes.txt'), 'x')
    await assert.rejects(createFolderReport(path), { name: 'ReportPlaceError' })
    assert.ok((await readdir(path)).includes('report.json'))
    await rm(path, { recursive: true })
  })

  it('is whole where the nodes of a kept lab go on talking while it is finished', async () => {
    const path = join(parent, 'kept')
    await using report = await createFolderReport(path)
    for (const event of events) report.onEvent(event)
    const ended = new AbortController()
    const written = report.finish().finally(() => ended.abort())
    while (!ended.signal.aborted) {
      report.onEvent(logLine)
      await setImmediate()
    }
    await written
    report.onEvent(logLine)
    assert.deepEqual((await readdir(path)).toSorted(), [
      'events.ndjson',
      'junit.xml',
      'report.html',
      'report.json',
    ])
    await rm(path, { recursive: true })
  })

  it('is whole where two runs write the same folder at once', async () => {
    const paths = await Promise.all([write('twice'), write('twice'), write('twice')])
    const path = paths[0] ?? ''
    assert.deepEqual((await readdir(path)).toSorted(), [
      'events.ndjson',
      'junit.xml',
      'report.html',
      'report.json',
    ])
    assert.deepEqual(await readdir(parent), ['twice'])
  })
})

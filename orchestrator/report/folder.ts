import { randomBytes } from 'node:crypto'
import { createWriteStream, type WriteStream } from 'node:fs'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { finished } from 'node:stream/promises'
import type { RunEvent } from '#orchestrator/run/events.ts'
import type { RunPacket } from '#orchestrator/run/run.ts'
import { Capture } from './capture.ts'
import { createReportCollector } from './collect.ts'
import { ReportError, ReportPlaceError } from './errors.ts'
import { junitXml } from './junit.ts'
import { makeFolder } from './make-folder.ts'
import { PageLogs, type PlacedLine } from './page-logs.ts'
import { PagePackets } from './page-packets.ts'
import { reportPage } from './report-page.ts'
import { type Report, REPORT_SCHEMA } from './report-schema.ts'
import { removeUnfinished, unfinishedName } from './unfinished.ts'
import { webClient } from './web-client.ts'

/**
 * A run's report as a folder: `report.html`, `report.json`, `junit.xml`, `events.ndjson`, `packets.pcapng` where packets were
 * asked for, `logs/<variant>/<node>.log`, and
 * `routers/<router>/` where the fabric gave their state. Written aside and renamed when whole.
 */
export interface FolderReport extends AsyncDisposable {
  /** What comes once the report is finished is left out: the nodes of a kept lab go on talking. */
  onEvent(event: RunEvent): void
  /** A packet for `packets.pcapng`. */
  onPacket(packet: RunPacket): void
  /** Puts the folder into its place, where it replaces an older report; returns its path and what `report.json` holds. */
  finish(): Promise<{ path: string; report: Report }>
}

/**
 * @throws ReportPlaceError where no folder can be made there, or something else than a report is there already: it
 * would be lost
 */
export async function createFolderReport(directory: string): Promise<FolderReport> {
  const target = resolve(directory)
  await emptyOwnFolder(target)
  await removeUnfinished(target)
  const aside = unfinishedName(target, randomBytes(4).toString('hex'))
  try {
    await makeFolder(aside)
  } catch (error) {
    throw new ReportPlaceError(`cannot write a report to ${target}`, { cause: error })
  }
  const collector = createReportCollector()
  const streams = new Map<string, WriteStream>()
  const folders = new Set<string>()
  let writing: Promise<void> = Promise.resolve()
  let failure: unknown = null
  let isFinished = false
  let capture: Capture | null = null
  const pageLogs = new PageLogs()
  const pagePackets = new PagePackets()
  const packetLines: PlacedLine[] = []
  let eventCount = 0

  /** Files are written one after the other; the first failure is kept for the end. */
  function enqueue(job: () => Promise<void>): void {
    writing = writing.then(job).catch((error: unknown) => {
      failure ??= error
    })
  }

  function append(path: string, line: string): void {
    appendBytes(path, Buffer.from(`${line}\n`))
  }

  function appendBytes(path: string, bytes: Uint8Array): void {
    enqueue(async () => {
      let stream = streams.get(path)
      if (stream === undefined) {
        await ensureFolder(dirname(join(aside, path)))
        stream = createWriteStream(join(aside, path))
        stream.on('error', (error) => (failure ??= error))
        streams.set(path, stream)
      }
      stream.write(bytes)
    })
  }

  async function ensureFolder(path: string): Promise<void> {
    if (folders.has(path)) return
    await makeFolder(path)
    folders.add(path)
  }

  function write(path: string, text: string): void {
    enqueue(async () => {
      await ensureFolder(dirname(join(aside, path)))
      await writeFile(join(aside, path), text)
    })
  }

  async function settle(): Promise<void> {
    isFinished = true
    await writing
    for (const stream of streams.values()) stream.end()
    await Promise.allSettled([...streams.values()].map((stream) => finished(stream)))
    streams.clear()
  }

  return {
    onEvent(event) {
      if (isFinished) return
      collector.onEvent(event)
      if (event.type === 'run-start') {
        capture = new Capture(Date.parse(event.startedAt), (bytes) =>
          appendBytes('packets.pcapng', bytes),
        )
      }
      if (event.type === 'node-log') {
        append(join('logs', event.variant ?? 'network', `${event.node}.log`), event.line)
        pageLogs.push(event, eventCount)
        return
      }
      eventCount += 1
      append('events.ndjson', JSON.stringify(event))
      if (event.type === 'router-state') {
        for (const [file, text] of Object.entries(event.files)) {
          write(join('routers', event.router, file), text)
        }
      }
    },
    onPacket(packet) {
      if (isFinished) return
      capture?.onPacket(packet)
      const text = pagePackets.next(packet)
      if (text !== null) packetLines.push({ after: eventCount, text })
    },
    async finish() {
      const report = collector.report()
      if (report === null) throw new ReportError('the run has not ended yet: no report')
      write('report.json', `${JSON.stringify(report, null, 2)}\n`)
      write('junit.xml', junitXml(report))
      await settle()
      if (failure === null)
        await writePage(aside, report, [...pageLogs.lines(), ...packetLines]).catch(
          (error: unknown) => (failure = error),
        )
      if (failure !== null) {
        throw new ReportError(`cannot write the report to ${aside}`, { cause: failure })
      }
      await putInPlace(aside, target)
      return { path: target, report }
    },
    async [Symbol.asyncDispose]() {
      await settle()
      await rm(aside, { recursive: true, force: true })
    },
  }
}

/** The events, and what stands beside them, as a page to look at, once all of them are in their file. */
async function writePage(
  folder: string,
  { scenario, fabric }: Report,
  beside: readonly PlacedLine[],
): Promise<void> {
  const ndjson = await readFile(join(folder, 'events.ndjson'), 'utf8')
  const inOrder = beside.toSorted((one, other) => one.after - other.after)
  const title = `${scenario} on ${fabric}`
  const html = reportPage(await webClient(), title, ndjson, { beside: inOrder })
  await writeFile(join(folder, 'report.html'), html)
}

const OWN_ENTRIES: ReadonlySet<string> = new Set([
  'report.html',
  'report.json',
  'junit.xml',
  'events.ndjson',
  'packets.pcapng',
  'logs',
  'routers',
])

/**
 * Removes an older report, so that a run that fails does not leave yesterday's. A folder of the user's own must not be
 * touched: only an empty one, or one that holds a report of ours and nothing else.
 */
async function emptyOwnFolder(target: string): Promise<void> {
  let entries: string[]
  try {
    entries = await readdir(target)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return
    throw new ReportPlaceError(`cannot write a report to ${target}`, { cause: error })
  }
  if (entries.length === 0) return
  try {
    const report = JSON.parse(await readFile(join(target, 'report.json'), 'utf8')) as unknown
    if (isReport(report) && entries.every((name) => OWN_ENTRIES.has(name))) {
      await rm(target, { recursive: true, force: true })
      return
    }
  } catch {
    // No report.json, or none that can be read: not ours.
  }
  throw new ReportPlaceError(
    `${target} holds something else than a report, which a report would replace: name another folder, or empty it`,
  )
}

function isReport(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'schema' in value &&
    value.schema === REPORT_SCHEMA
  )
}

/** Two runs may end at once: whoever finds the place taken again clears it again, a bounded number of times. */
async function putInPlace(aside: string, target: string): Promise<void> {
  await makeFolder(dirname(target))
  for (let attempt = 0; ; attempt++) {
    const old = join(dirname(target), `.${basename(target)}.old-${randomBytes(4).toString('hex')}`)
    try {
      await rename(target, old)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    }
    try {
      await rename(aside, target)
      return
    } catch (error) {
      if (attempt === 10) throw error
    } finally {
      await rm(old, { recursive: true, force: true })
    }
  }
}

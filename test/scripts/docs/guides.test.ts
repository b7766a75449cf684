import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { mkdir, mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, it } from 'node:test'
import { type Block, blocksOf, missingLines } from '#test/support/guide.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
const GUIDES = globSync('docs/guide/*.md', { cwd: ROOT }).toSorted()
/** Ports that the guides use, each on loopback: others may have them on this machine. */
const PORTS = ['4001', '4002', '4009', '8080', '8081']

describe('the guides', () => {
  for (const guide of GUIDES) {
    it(`do what they say: ${basename(guide)}`, async () => {
      const blocks = blocksOf(await readFile(join(ROOT, guide), 'utf8'))
      await using reader = await createReader()
      for (const block of blocks) await reader.follow(block, `${guide}:${block.line}`)
    })
  }

  it('hold code that is run', async () => {
    const texts = await Promise.all(GUIDES.map((guide) => readFile(join(ROOT, guide), 'utf8')))
    const run = texts.flatMap(blocksOf).filter(({ language, notes }) => {
      return language === 'sh' && !notes.some((note) => note.startsWith('not here'))
    })
    assert.ok(run.length >= 15, `${run.length} blocks are run`)
  })
})

/** Follows a guide as a person does: writes its files, types its commands, and compares what is said. */
async function createReader() {
  const folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-guide-'))
  const bin = join(folder.path, '.bin')
  await mkdir(bin)
  const launcher = join(ROOT, 'scripts/kadlab.mjs')
  // `npx kadlab` in a folder where kadlab is installed, without npm's own half second.
  const npx = `#!/bin/sh\n[ "$1" = kadlab ] || exit 127\nshift\nexec '${process.execPath}' '${launcher}' "$@"\n`
  await writeFile(join(bin, 'npx'), npx, { mode: 0o755 })
  const own = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name))
  const env = {
    ...Object.fromEntries(own),
    PATH: [bin, process.env['PATH'] ?? ''].join(delimiter),
  }
  const ports = new Map<string, string>()
  for (const port of PORTS) ports.set(port, await freePort())
  const here = (text: string): string =>
    text.replaceAll(/\b\d{4}\b/g, (word) => ports.get(word) ?? word)
  const running: ChildProcess[] = []
  let seen = ''

  function type(text: string): ChildProcess {
    return spawn('/bin/sh', ['-c', text], { cwd: folder.path, env, detached: true })
  }

  return {
    async follow({ language, file, text, notes }: Block, place: string): Promise<void> {
      const notHere = notes.some((note) => note.startsWith('not here'))
      if (notHere) {
        seen = ''
      } else if (file !== null) {
        await mkdir(join(folder.path, dirname(file)), { recursive: true })
        await writeFile(join(folder.path, file), here(text))
      } else if (language === 'sh' && notes.includes('background')) {
        const child = type(here(text))
        running.push(child)
        await untilServing(child, place)
      } else if (language === 'sh') {
        const { status, output } = await ended(type(here(text)))
        const wanted = notes.find((note) => note.startsWith('status '))?.slice('status '.length)
        assert.equal(String(status), wanted ?? '0', `${place}: ${output}`)
        seen = output
      } else if (language === 'text' && seen !== '') {
        assert.deepEqual(missingLines(here(text), seen), [], `${place}:\n${seen}`)
      }
    },
    async [Symbol.asyncDispose](): Promise<void> {
      for (const child of running) {
        const gone = new Promise((resolve) => child.once('exit', resolve))
        if (child.exitCode === null && child.pid !== undefined) {
          // The shell, and the node that it started.
          process.kill(-child.pid, 'SIGTERM')
          await gone
        }
      }
      await folder.remove()
    },
  }
}

async function ended(child: ChildProcess): Promise<{ status: number | null; output: string }> {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (piece: string) => (output += piece))
  }
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { status, output }
}

/** Resolves once a node says that it serves its API, which is when the guide goes on. */
async function untilServing(child: ChildProcess, place: string): Promise<void> {
  assert.ok(child.stderr)
  let said = ''
  for await (const line of createInterface(child.stderr)) {
    said += `${line}\n`
    if (line.includes('serving the API')) {
      // What comes later is nobody's business, and must not fill the pipe.
      child.stderr.resume()
      return
    }
  }
  assert.fail(`${place}: the node ended\n${said}`)
}

async function freePort(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? String(address.port) : assert.fail()
}

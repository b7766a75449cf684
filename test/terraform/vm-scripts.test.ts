import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, it } from 'node:test'
import { tar } from '../../scripts/pack/tar.ts'
import { PROJECT } from './terraform.ts'

const FILES = join(PROJECT, 'terraform/files')

/** A folder with stand-ins for commands, first on the path, and a home for the scripts. */
class ScriptBench implements AsyncDisposable {
  readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  static async open(commands: Readonly<Record<string, string>>): Promise<ScriptBench> {
    const bench = new ScriptBench(await mkdtemp(join(tmpdir(), 'kadlab-bench-')))
    await mkdir(join(bench.folder, 'bin'))
    for (const [name, body] of Object.entries(commands)) {
      const script = `#!/bin/bash\nbench=${bench.folder}\n${body}\n`
      await writeFile(join(bench.folder, 'bin', name), script, { mode: 0o755 })
    }
    return bench
  }

  /** Runs a script of the VMs, or another one by its whole path. */
  async run(script: string, ...args: string[]): Promise<{ code: number | null; text: string }> {
    const child = spawn('bash', [resolve(FILES, script), ...args], {
      env: {
        PATH: `${this.folder}/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
        KADLAB_HOME: join(this.folder, 'home'),
      },
    })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (piece: string) => (text += piece))
    }
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, text }
  }

  async lines(name: string): Promise<string[]> {
    const text = await readFile(join(this.folder, name), 'utf8').catch(() => '')
    return text.split('\n').filter((line) => line !== '')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true })
  }
}

// Time passes in sleep alone, and ends the script's own shell at its end.
const clock = (end: number): Record<string, string> => ({
  date: 'cat $bench/clock 2>/dev/null || echo 0',
  sleep: `now=$(($(date) + $1)); echo $now >$bench/clock; [ $now -lt ${end} ] || kill -9 $PPID`,
})
const USER_DATA = { schema: 'kadlab.vm/1', after: null, timeout_seconds: 60 }

function metadata(releases: Readonly<Record<number, string>>): string {
  const cases = Object.entries(releases).map(([from, release]) => {
    const data = JSON.stringify({ ...USER_DATA, release })
    return `[ $(date) -lt ${from} ] || data='${data}'`
  })
  return `${cases.join('\n')}\nbase64 --wrap 0 <<<"$data"`
}

function gaps(times: readonly number[]): number[] {
  return times.slice(1).map((time, index) => time - (times[index] ?? 0))
}

describe('a VM whose image cannot be had', () => {
  const failing = {
    'kadlab-image': 'date >>$bench/attempts; echo no route to the registry >&2; exit 1',
  }

  it('asks again after longer and longer, up to five minutes, and says when', async () => {
    await using bench = await ScriptBench.open({
      // Long enough for attempts that are five minutes apart.
      ...clock(2400),
      ...failing,
      docker: '',
      nft: '',
      curl: metadata({ 0: 'aaaaaaaaaaaa' }),
    })
    await bench.run('kadlab-rollout', '300')
    const times = (await bench.lines('attempts')).map(Number)
    const between = gaps(times)
    assert.ok(times.length >= 12 && times.length <= 24, `attempts at ${times.join(', ')}`)
    for (const [index, gap] of between.entries()) {
      const span = Math.min(2 ** (index + 1), 300)
      assert.ok(gap >= span / 2 && gap <= span, `attempt ${index + 2} came after ${gap} s`)
    }
    assert.ok(new Set(between.slice(8)).size > 1, 'not each time after the same span')
    const told = (await bench.lines('home/rollout.json')).join('')
    assert.match(told, /trying again in \d+ s: no route to the registry/)
  })

  it('asks at once for another release', async () => {
    await using bench = await ScriptBench.open({
      ...clock(160),
      ...failing,
      docker: '',
      nft: '',
      curl: metadata({ 0: 'aaaaaaaaaaaa', 120: 'bbbbbbbbbbbb' }),
    })
    await bench.run('kadlab-rollout', '20')
    const times = (await bench.lines('attempts')).map(Number)
    const afresh = times.filter((time) => time >= 120 && time < 150)
    assert.ok(afresh.length >= 3, `attempts at ${times.join(', ')}`)
  })

  it('installs what is missing after longer and longer too', async () => {
    await using bench = await ScriptBench.open({
      ...clock(2400),
      'apt-get': 'date >>$bench/attempts; exit 100',
    })
    // A program that no machine has, in place of docker, which the machine that tests may have.
    const script = await readFile(join(FILES, 'kadlab-rollout'), 'utf8')
    const path = join(bench.folder, 'rollout')
    await writeFile(path, script.replaceAll('type docker ', 'type no-such-program '))
    await bench.run(path, '300')
    const times = (await bench.lines('attempts')).map(Number)
    // Two calls, update and install, each time.
    assert.ok(times.length >= 24 && times.length <= 48, `calls at ${times.join(', ')}`)
  })
})

describe('a pack', () => {
  const bytes = tar([{ name: 'Dockerfile', bytes: Buffer.from('FROM scratch\n') }])
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const wanted = { pack: { base_image: 'node:24', version: 'v', url: 'https://x/pack', sha256 } }
  const commands = {
    curl: 'cat >/dev/null; echo fetched >>$bench/fetches; while [ $# -gt 0 ]; do [ "$1" != --output ] || cp $bench/pack "$2"; shift; done',
    docker:
      'case "$1" in image) exit 1 ;; build) echo built >>$bench/builds; [ $(wc -l <$bench/builds) -gt 1 ] ;; esac',
    dpkg: 'echo amd64',
  }

  it('is fetched once, however often the image has to be built', async () => {
    await using bench = await ScriptBench.open(commands)
    await writeFile(join(bench.folder, 'pack'), bytes)
    await writeFile(join(bench.folder, 'wanted'), JSON.stringify(wanted))
    const first = await bench.run('kadlab-image', join(bench.folder, 'wanted'))
    assert.notEqual(first.code, 0, 'the base image could not be had')
    const second = await bench.run('kadlab-image', join(bench.folder, 'wanted'))
    assert.equal(second.code, 0, second.text)
    assert.match(second.text, /^kadlab:v-[0-9a-f]{8}$/m)
    assert.deepEqual(await bench.lines('fetches'), ['fetched'])
    assert.equal((await bench.lines('builds')).length, 2)
  })

  it('is fetched again where what was kept is not what it was', async () => {
    await using bench = await ScriptBench.open(commands)
    await writeFile(join(bench.folder, 'pack'), bytes)
    await writeFile(join(bench.folder, 'wanted'), JSON.stringify(wanted))
    await bench.run('kadlab-image', join(bench.folder, 'wanted'))
    await writeFile(join(bench.folder, 'home/packs', `${sha256}.tar`), 'half of it')
    await bench.run('kadlab-image', join(bench.folder, 'wanted'))
    assert.equal((await bench.lines('fetches')).length, 2)
  })

  it('is neither built nor kept where it is another than the one meant', async () => {
    await using bench = await ScriptBench.open(commands)
    await writeFile(join(bench.folder, 'pack'), 'something else')
    await writeFile(join(bench.folder, 'wanted'), JSON.stringify(wanted))
    const { code, text } = await bench.run('kadlab-image', join(bench.folder, 'wanted'))
    assert.equal(code, 1)
    assert.match(text, /the pack's SHA-256 is [0-9a-f]{64}, not [0-9a-f]{64}: it is not built/)
    assert.deepEqual(await bench.lines('builds'), [])
    assert.deepEqual(await bench.lines(`home/packs/${sha256}.tar`), [])
  })
})

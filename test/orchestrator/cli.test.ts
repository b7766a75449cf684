import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve as resolvePath } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { InterruptedError } from '#orchestrator/commands/errors.ts'
import { FabricError } from '#orchestrator/fabric/errors.ts'
import { NatProofError } from '#orchestrator/proof/prove.ts'
import type { Report } from '#orchestrator/report/report-schema.ts'
import { type CommandOutcome, type CommandSetting, runCommand } from '#test/support/command-line.ts'
import { createFakeFabric, provenRouters } from '#test/support/fake-fabric.ts'

let directory = ''
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kadlab-cli-'))
})
after(() => rm(directory, { recursive: true, force: true }))

async function run(words: string, setting: CommandSetting = {}): Promise<CommandOutcome> {
  return runCommand(words.split(' '), { directory, ...setting })
}

const SCENARIO = `name: mine
title: mine
sites:
  a: { nat: one-to-one, subnet: 10.1.0.0/24 }
  b: { nat: one-to-one, subnet: 10.2.0.0/24 }
nodes:
  A: { site: a, address: 10.1.0.10 }
  B: { site: b, bootstrap: [A] }
steps:
  - expect:
      - { observer: B, lists: A, within: 50ms }
`

async function withFile(text: string): Promise<string> {
  await writeFile(join(directory, 'mine.yaml'), text)
  return './mine.yaml'
}

function runNpm(words: string[]): Promise<{ status: unknown; stderr: string }> {
  return new Promise((resolve) => {
    const cwd = resolvePath(import.meta.dirname, '../..')
    execFile('npm', words, { cwd }, (error, _stdout, stderr) => {
      resolve({ status: error === null ? 0 : error.code, stderr })
    })
  })
}

/** The environment in which npm runs a script when it took these options for its own. */
function npmEnv(script: string, taken: Record<string, string>): Record<string, string> {
  const settings = Object.entries(taken).map(([name, value]) => [`npm_config_${name}`, value])
  return { npm_lifecycle_event: script, ...Object.fromEntries(settings) }
}

/** The report of a run that came to no verdict, and whose JUnit file says so too. */
async function failedReport(folder: string): Promise<Report> {
  const path = join(directory, folder)
  assert.match(await readFile(join(path, 'junit.xml'), 'utf8'), /errors="1"[^]*<error type="/)
  const report = JSON.parse(await readFile(join(path, 'report.json'), 'utf8')) as Report
  assert.equal(report.holds, false)
  return report
}

describe('npm run scenario', () => {
  it('lists the catalogue, a line each, without a name', async () => {
    const { status, stdout, loaded } = await run('scenario')
    assert.equal(status, 0)
    assert.match(stdout, /^nat-two-nodes +\S/m)
    assert.match(stdout, /nat-two-nodes\s+sim, netns, docker, swarm\s+bug, client, fixed/)
    assert.deepEqual(loaded, [])
  })

  it('ends with 0 where every expectation holds, and writes the report', async () => {
    const { status, stdout } = await run('scenario nat-two-nodes --fabric sim')
    assert.equal(status, 0, stdout)
    assert.match(stdout, /✔ nat-two-nodes holds on sim/)
    assert.match(stdout, /report reports\/nat-two-nodes-sim\/latest\n$/)
    const files = await readdir(join(directory, 'reports/nat-two-nodes-sim/latest'))
    assert.deepEqual(files.toSorted(), ['events.ndjson', 'junit.xml', 'report.html', 'report.json'])
  })

  it('ends with 1 where one does not, and keeps what the routers held', async () => {
    const path = await withFile(SCENARIO.replace('observer: B, lists: A', 'observer: A, lists: B'))
    const { status, stdout } = await run(`scenario ${path} --fabric docker --report red`)
    assert.equal(status, 1)
    assert.match(stdout, /✘ mine does not hold on docker: default/)
    const routers = await readdir(join(directory, 'red/routers'))
    assert.deepEqual(routers.toSorted(), ['a-router', 'b-router'])
  })

  it('prints the events of events.ndjson and nothing else with --events', async () => {
    const { status, stdout, stderr } = await run('scenario nat-two-nodes --fabric sim --events')
    assert.equal(status, 0)
    const folder = 'reports/nat-two-nodes-sim/latest'
    const types = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { type: string }).type)
    assert.equal(types.at(0), 'run-start')
    assert.equal(types.at(-1), 'run-end')
    assert.equal(stdout, await readFile(join(directory, folder, 'events.ndjson'), 'utf8'))
    assert.equal(stderr, `report ${folder}\n`)
    assert.equal((await run('scenario nat-two-nodes --fabric sim --events --json')).status, 2)
  })

  it('prints the report and nothing else with --json', async () => {
    const { status, stdout, stderr } = await run(
      'scenario nat-two-nodes --fabric sim --json --seed 7',
    )
    assert.equal(status, 0)
    assert.equal(stderr, '')
    const report = JSON.parse(stdout) as Report
    assert.equal(report.seed, 7)
    const file = await readFile(
      join(directory, 'reports/nat-two-nodes-sim/latest/report.json'),
      'utf8',
    )
    assert.deepEqual(report, JSON.parse(file))
    assert.equal(report.versions.libp2p.split('.').length, 3)
  })

  it('runs the variants that are asked for, in the order of the file', async () => {
    const { stdout } = await run(
      'scenario nat-two-nodes --fabric sim --json --variant fixed --variant bug',
    )
    const { variants } = JSON.parse(stdout) as Report
    assert.deepEqual(
      variants.map(({ name }) => name),
      ['bug', 'fixed'],
    )
  })

  it('takes docker where an engine answers, else namespaces, else sim, and says which and why', async () => {
    const there = await run('scenario nat-two-nodes')
    assert.match(there.stdout, /on docker, seed 1\n(.*\n)docker, because an engine answers: a fake/)
    const docker = createFakeFabric({ name: 'docker' })
    docker.probe = () =>
      Promise.resolve({ available: false, detail: 'nothing at /x.sock', engine: null })
    const away = await run('scenario nat-two-nodes', { fabrics: { docker } })
    assert.match(
      away.stdout,
      /on netns, seed 1\n(.*\n)netns, because no Docker engine answers: nothing at/,
    )
    const netns = createFakeFabric({ name: 'netns' })
    netns.probe = () =>
      Promise.resolve({ available: false, detail: 'forbidden here', engine: null })
    const neither = await run('scenario nat-two-nodes', { fabrics: { docker, netns } })
    assert.match(
      neither.stdout,
      /on sim, seed 1\n(.*\n)sim, because .*nothing at \/x\.sock; no namespaces of Linux:\s+forbidden here/,
    )
    const asked = await run('scenario nat-two-nodes --fabric docker', { fabrics: { docker } })
    assert.equal(asked.status, 3)
    assert.match(asked.stderr, /nothing at \/x\.sock\n--fabric sim runs without an engine/)
  })

  it('loads no other fabric than the one that is asked for', async () => {
    assert.deepEqual((await run('scenario nat-two-nodes --fabric sim')).loaded, ['sim'])
    assert.deepEqual((await run('scenario nat-two-nodes --fabric docker')).loaded, ['docker'])
  })

  it('takes another for two sites with one subnet, and refuses docker at the line', async () => {
    const path = await withFile(SCENARIO.replace('10.2.0.0/24', '10.1.0.0/24'))
    const { status, stdout } = await run(`scenario ${path}`)
    assert.equal(status, 0, stdout)
    assert.match(stdout, /netns, because two sites have one subnet, which docker cannot have/)
    const docker = createFakeFabric({ name: 'docker' })
    const refused = await run(`scenario ${path} --fabric docker`, { fabrics: { docker } })
    assert.equal(refused.status, 2)
    assert.match(refused.stderr, /^\.\/mine\.yaml:5:33: sites\.b\.subnet: .*overlaps site a/)
    assert.deepEqual(docker.calls, [])
  })

  it('refuses programs of other implementations on sim at their line, with the reason', async () => {
    const path = await withFile(
      SCENARIO.replace('B: { site: b,', 'B: { site: b, program: rust-kv,'),
    )
    const { status, stderr } = await run(`scenario ${path} --fabric sim`)
    assert.equal(status, 2)
    assert.match(stderr, /^\.\/mine\.yaml:8:26: nodes\.B\.program: /)
    assert.match(stderr, /node B runs rust-kv: this scenario needs --fabric netns or docker/)
  })

  it('ends with 3, and a report of what was known by then, where the fabric cannot run it', async () => {
    const docker = createFakeFabric({
      name: 'docker',
      onStartNode: (node) => {
        if (node.name === 'B')
          throw new FabricError('`B` ended with exit code 1. Its last log lines: boom')
      },
    })
    const { status, stdout, stderr } = await run('scenario nat-two-nodes --report none', {
      fabrics: { docker },
    })
    assert.equal(status, 3)
    assert.match(stdout, /^report of what was known by then none$/m)
    assert.match(stderr, /boom/)
    assert.equal(docker.up.size, 0)
    const report = await failedReport('none')
    assert.deepEqual([report.failure?.name, report.failure?.exitCode], ['FabricError', 3])
    assert.match(report.failure?.message ?? '', /boom/)
  })

  it('names --fabric sim where auto chose docker and docker failed', async () => {
    const docker = createFakeFabric({
      name: 'docker',
      onStart: () => {
        throw new FabricError('the image could not be built')
      },
    })
    const { status, stderr } = await run('scenario nat-two-nodes', { fabrics: { docker } })
    assert.equal(status, 3)
    assert.match(stderr, /auto chose docker.*--fabric sim.*\nthe image could not be built/)
  })

  it('ends with 3 where a router is not what its preset says', async () => {
    const { status, stderr } = await run('scenario nat-two-nodes --fabric sim', {
      proveRouters: (_lab, plan) =>
        Promise.reject(
          new NatProofError(
            provenRouters(plan).map((proof) => ({
              ...proof,
              holds: false,
              differences: ['wrong'],
            })),
          ),
        ),
    })
    assert.equal(status, 3)
    assert.match(stderr, /a-router .*wrong/)
  })

  it('ends with 3 after --timeout', async () => {
    const sim = createFakeFabric({ judge: () => ({}) })
    const words = 'scenario nat-two-nodes --fabric sim --timeout 0.05'
    const { status, stderr } = await run(words, { fabrics: { sim } })
    assert.equal(status, 3)
    assert.match(stderr, /longer than 0\.05 s.*--timeout SECONDS gives it more$/m)
    assert.equal(sim.up.size, 0)
    const report = await failedReport('reports/nat-two-nodes-sim/latest')
    assert.equal(report.failure?.name, 'RunTimeoutError')
  })

  it('ends with 130, leaves no lab, and reports what was known by then, where it is interrupted', async () => {
    const controller = new AbortController()
    const sim = createFakeFabric({
      onStartNode: () => controller.abort(new InterruptedError('ended by SIGINT')),
    })
    const words = 'scenario nat-two-nodes --fabric sim --report gone'
    const { status, stderr } = await run(words, { signal: controller.signal, fabrics: { sim } })
    assert.equal(status, 130)
    assert.match(stderr, /interrupted/)
    assert.equal(sim.up.size, 0)
    assert.equal((await failedReport('gone')).failure?.exitCode, 130)
  })

  it('keeps a lab on sim up in the foreground until it is interrupted, and the verdict is its status', async () => {
    const controller = new AbortController()
    const sim = createFakeFabric()
    let upThen = 0
    const { status, stdout } = await run('scenario nat-two-nodes --fabric sim --keep', {
      signal: controller.signal,
      fabrics: { sim },
      onStdout(text) {
        if (!text.startsWith('report ')) return
        setImmediate(() => {
          upThen = sim.up.size
          controller.abort(new InterruptedError('ended by SIGINT'))
        })
      },
    })
    assert.equal(status, 0)
    assert.match(stdout, /lab fake-1 is kept/)
    assert.equal(upThen, 3)
    assert.equal([...sim.up].filter((name) => !name.includes('/')).length, 0)
  })

  it('says on stderr how to end a kept lab where stdout is the report alone', async () => {
    const docker = createFakeFabric({ name: 'docker' })
    const words = 'scenario nat-two-nodes --fabric docker --keep --json'
    const { status, stdout, stderr } = await run(words, { fabrics: { docker } })
    assert.equal(status, 0)
    assert.equal((JSON.parse(stdout) as Report).holds, true)
    assert.match(stderr, /lab fake-1 is kept/)
  })

  it('returns at once from a kept lab on docker', async () => {
    const docker = createFakeFabric({ name: 'docker' })
    const { status } = await run('scenario nat-two-nodes --fabric docker --keep', {
      fabrics: { docker },
    })
    assert.equal(status, 0)
    assert.equal(docker.up.size, 3)
  })
})

describe('bad input', () => {
  const BAD: [what: string, words: string, message: RegExp, file?: [string, string]][] = [
    [
      'an unknown scenario',
      'scenario nat-tow-nodes',
      /no scenario is called 'nat-tow-nodes'; did you mean 'nat-two-nodes'/,
    ],
    [
      'a file that is not there',
      'scenario ./none.yaml',
      /^cannot read the scenario \.\/none\.yaml: ENOENT[^(]*$/,
    ],
    [
      'a YAML mistake',
      'scenario ./mine.yaml',
      /^\.\/mine\.yaml:4:\d+: /,
      ['a: { nat', 'a: { nat: ['],
    ],
    [
      'an unknown key',
      'scenario ./mine.yaml',
      /^\.\/mine\.yaml:2:1: titel: 'titel' is no key/m,
      ['title', 'titel'],
    ],
    [
      'an address outside its subnet',
      'scenario ./mine.yaml',
      /^\.\/mine\.yaml:7:26: nodes\.A\.address: expected an address of network a/,
      ['10.1.0.10', '10.7.0.10'],
    ],
    [
      'a bootstrap that names no node',
      'scenario ./mine.yaml',
      /^\.\/mine\.yaml:8:29: nodes\.B\.bootstrap\.0: no node is called 'C'/,
      ['[A]', '[C]'],
    ],
    [
      'a preset that does not exist',
      'scenario ./mine.yaml',
      /^\.\/mine\.yaml:4:13: sites\.a\.nat: .* saw 'one-to-on'; did you mean 'one-to-one'/,
      ['one-to-one', 'one-to-on'],
    ],
    [
      'an impossible expectation',
      'scenario ./mine.yaml',
      /^\.\/mine\.yaml:11:31: steps\.0\.expect\.0\.lists: impossible/,
      ['lists: A', 'lists: B'],
    ],
    [
      'an unknown variant',
      'scenario nat-two-nodes --variant bgu',
      /no variant 'bgu'.*did you mean 'bug'/,
    ],
    ['an unknown option', 'scenario nat-two-nodes --farbic sim', /unknown option '--farbic'/],
    [
      'an unknown fabric',
      'scenario nat-two-nodes --fabric podman',
      /Allowed choices are auto, sim, netns, docker, swarm/,
    ],
    ['a seed that is no number', 'scenario nat-two-nodes --seed x', /expected a whole number/],
    ['a timeout that is none', 'scenario nat-two-nodes --timeout 0', /expected seconds/],
    ['one scenario too many', 'scenario nat-two-nodes other', /too many arguments/],
    ['a command that does not exist', 'scenaro nat-two-nodes', /unknown command 'scenaro'/],
    [
      'a report folder that holds something else',
      'scenario nat-two-nodes --fabric sim --report thesis',
      /holds something else than a report/,
    ],
    [
      'a report folder that cannot be made',
      `scenario nat-two-nodes --fabric sim --report ${'r'.repeat(250)}`,
      /^cannot write a report to .*r \(ENAMETOOLONG/,
    ],
    [
      'a preset to prove that does not exist',
      'proof symetric',
      /no NAT preset is called 'symetric'.*did you mean 'symmetric'/,
    ],
  ]

  for (const [what, words, message, change] of BAD) {
    it(`is told of ${what}: status 2, nothing started`, async () => {
      if (change !== undefined) await withFile(SCENARIO.replace(...change))
      await mkdir(join(directory, 'thesis'), { recursive: true })
      await writeFile(join(directory, 'thesis/thesis.txt'), 'x')
      const sim = createFakeFabric()
      const docker = createFakeFabric({ name: 'docker' })
      const { status, stderr, stdout } = await run(words, { fabrics: { sim, docker } })
      assert.equal(status, 2, stdout + stderr)
      assert.match(stderr, message)
      assert.deepEqual([...sim.calls, ...docker.calls], [])
    })
  }
})

describe('options that npm swallowed', () => {
  const SWALLOWED: [words: string, taken: Record<string, string>, right: string][] = [
    [
      'scenario nat-two-nodes docker',
      { fabric: 'true' },
      'scenario nat-two-nodes -- --fabric docker',
    ],
    ['scenario nat-two-nodes', { fabric: 'sim' }, 'scenario nat-two-nodes -- --fabric sim'],
    ['scenario nat-two-nodes', { json: 'true' }, 'scenario nat-two-nodes -- --json'],
    ['scenario nat-two-nodes 5', { seed: 'true' }, 'scenario nat-two-nodes -- --seed 5'],
    [
      'scenario nat-two-nodes sim bug',
      { fabric: 'true', variant: 'true' },
      'scenario nat-two-nodes -- --fabric sim --variant bug',
    ],
    ['scenario sim nat-two-nodes', { fabric: 'true' }, 'scenario nat-two-nodes -- --fabric sim'],
    ['scenario 5 nat-two-nodes', { seed: 'true' }, 'scenario nat-two-nodes -- --seed 5'],
    [
      'scenario bug sim nat-two-nodes',
      { fabric: 'true', variant: 'true' },
      'scenario nat-two-nodes -- --fabric sim --variant bug',
    ],
    [
      'scenario nat-two-nodes 3',
      { fabric: 'sim', seed: 'true' },
      'scenario nat-two-nodes -- --fabric sim --seed 3',
    ],
    [
      'scenario out/mine ./mine.yaml',
      { report: 'true' },
      'scenario ./mine.yaml -- --report out/mine',
    ],
    [
      'scenario nat-two-nodes bug fixed',
      { variant: 'true\n\ntrue' },
      'scenario nat-two-nodes -- --variant bug --variant fixed',
    ],
    [
      'scenario nat-two-nodes',
      { report: "/tmp/it's mine" },
      String.raw`scenario nat-two-nodes -- --report '/tmp/it'\''s mine'`,
    ],
    ['scenario nat-two-nodes', { keep: '' }, 'scenario nat-two-nodes'],
    ['scenario nat-two-nodes', { seed: '' }, 'scenario nat-two-nodes -- --seed N'],
    [
      'scenario nat-two-nodes --seed 3',
      { fabric: 'sim' },
      'scenario nat-two-nodes -- --fabric sim --seed 3',
    ],
    ['scenario one two', { variant: 'true' }, 'scenario SCENARIO -- --variant NAME'],
    [
      'scenario nat-two-nodes',
      { variant: 'bug\n\nfixed' },
      'scenario nat-two-nodes -- --variant bug --variant fixed',
    ],
    ['clean', { kept: 'true' }, 'clean -- --kept'],
    ['proof symmetric', { fabric: 'sim' }, 'proof symmetric -- --fabric sim'],
    ['proof sim symmetric', { fabric: 'true' }, 'proof symmetric -- --fabric sim'],
  ]

  for (const [words, taken, right] of SWALLOWED) {
    it(`are noticed: npm run ${right}`, async () => {
      const [script = ''] = words.split(' ')
      const { status, stderr, loaded } = await run(words, { env: npmEnv(script, taken) })
      assert.equal(status, 2)
      assert.match(stderr, /npm took --/)
      assert.equal(stderr.trimEnd().split('\n').at(-1)?.trim(), `npm run ${right}`)
      assert.deepEqual(loaded, [])
    })
  }

  it('are noticed as npm itself hands them on', async () => {
    const words = ['run', '-s', 'scenario', '--variant', 'bug', '--no-keep', 'nat-two-nodes']
    const { status, stderr } = await runNpm(words)
    assert.equal(status, 2, stderr)
    assert.match(stderr, /npm took --variant, --no-keep for its own.* What --keep does is off/)
    assert.match(stderr, /npm run scenario nat-two-nodes -- --variant bug$/m)
  })

  it("are not seen in npm's own settings, nor in those of another script", async () => {
    const own = npmEnv('scenario', { loglevel: 'silent', json: '' })
    assert.equal((await run('scenario', { env: own })).status, 0)
    const other = npmEnv('test', { json: 'true' })
    assert.equal((await run('scenario', { env: other })).status, 0)
  })
})

describe('a terminal', () => {
  const CLEAR_LINE = '\r\u001B[2K'

  it('has a line that comes and goes, gone where the proof is interrupted', async () => {
    const controller = new AbortController()
    const { status, stdout } = await run('proof cgnat --fabric sim', {
      isTerminal: true,
      env: { NO_COLOR: '1' },
      signal: controller.signal,
      proveRouters() {
        controller.abort(new InterruptedError('ended by SIGINT'))
        return Promise.reject(controller.signal.reason as Error)
      },
    })
    assert.equal(status, 130)
    assert.ok(stdout.endsWith(`measuring${CLEAR_LINE}`), JSON.stringify(stdout))
  })

  for (const words of ['proof cgnat', 'scenario nat-two-nodes']) {
    it(`that knows no escape codes is sent none: ${words}`, async () => {
      const setting = { isTerminal: true, env: { TERM: 'dumb' } }
      const { status, stdout } = await run(`${words} --fabric sim`, setting)
      assert.equal(status, 0)
      assert.ok(!stdout.includes('\u001B'), JSON.stringify(stdout))
    })
  }
})

describe('npm run proof', () => {
  it('prints what was measured of each router and protocol, and leaves nothing', async () => {
    const sim = createFakeFabric()
    const { status, stdout } = await run('proof cgnat --fabric sim', { fabrics: { sim } })
    assert.equal(status, 0)
    assert.match(stdout, /✔ site-router +cgnat +tcp +EI +APD +no +preserved/)
    assert.match(stdout, /✔ site-carrier-router +cgnat +udp +EI +APD +no +changed/)
    assert.equal(sim.up.size, 0)
  })

  it('has nothing to measure where there is no router', async () => {
    const { status, stdout, loaded } = await run('proof public')
    assert.equal(status, 0)
    assert.match(stdout, /no router/)
    assert.deepEqual(loaded, [])
  })
})

describe('npm run clean', () => {
  it('tells what it removed, and hands on whether kept labs and images are meant', async () => {
    const docker = createFakeFabric({ name: 'docker' })
    const asked: unknown[] = []
    docker.clean = ({ kept, images, lab }) => {
      asked.push([kept, images, lab])
      return Promise.resolve(['network x'])
    }
    assert.match((await run('clean', { fabrics: { docker } })).stdout, /removed network x/)
    await run('clean --kept', { fabrics: { docker } })
    await run('clean --images', { fabrics: { docker } })
    await run('clean 0123abcd', { fabrics: { docker } })
    assert.deepEqual(asked, [
      [false, false, null],
      [true, false, null],
      [false, true, null],
      [false, false, '0123abcd'],
    ])
  })

  it('cannot tell where no engine answers: status 3', async () => {
    const docker = createFakeFabric({ name: 'docker' })
    docker.probe = () => Promise.resolve({ available: false, detail: 'no way in', engine: null })
    const { status, stdout, stderr } = await run('clean', { fabrics: { docker } })
    assert.equal(status, 3)
    assert.equal(stderr, 'cannot tell what is left: no way in\n')
    assert.doesNotMatch(stdout, /Nothing to remove/)
  })

  it('names what stays because nobody can tell whether it runs', async () => {
    const docker = createFakeFabric({ name: 'docker' })
    docker.clean = ({ onLeft }) => {
      onLeft?.('lab 0123abcd (x) stays')
      return Promise.resolve([])
    }
    const { status, stdout } = await run('clean', { fabrics: { docker } })
    assert.deepEqual([status, stdout], [0, 'lab 0123abcd (x) stays\n'])
  })
})

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { NODE_ROOMS, ORCHESTRATOR_ROOMS } from '../../../scripts/rooms/rooms.ts'

const ROOT = resolve(import.meta.dirname, '../../..')

/** A forbidden import of each kind: the file that has it, what it imports, what the lint says. */
const FORBIDDEN: readonly (readonly [file: string, source: string, message: RegExp])[] = [
  ['node/planted.ts', '#orchestrator/cli.ts', /node\/ never imports orchestrator\//],
  ['node/peer/planted.ts', '#orchestrator/fabric/sim/sim-fabric.ts', /never imports orchestrator/],
  ['node/peer/planted.ts', '../../orchestrator/net/nat.ts', /never imports orchestrator/],
  ['node/base/planted.ts', '../config/config.ts', /node\/base\/ comes before node\/config\//],
  ['node/judgement/planted.ts', '#node/api/node-api.ts', /judgement\/ comes before node\/api\//],
  ['node/judgement/planted.ts', 'node:fs/promises', /judgement\/ is pure: no I\/O/],
  ['node/discovery/planted.ts', '../peer/peer.ts', /discovery\/ comes before node\/peer\//],
  ['node/api/planted.ts', './http/app.ts', /comes before node\/api\/http\//],
  ['node/api/http/planted.ts', '../../doctor/command.ts', /comes before node\/doctor\//],
  ['orchestrator/net/planted.ts', '../plan/plan.ts', /net\/ comes before orchestrator\/plan\//],
  ['orchestrator/net/planted.ts', 'node:child_process', /net\/ is pure: no I\/O/],
  ['orchestrator/scenario/planted.ts', 'node:fs/promises', /scenario\/ is pure: no I\/O/],
  ['orchestrator/scenario/planted.ts', '#orchestrator/plan/plan.ts', /comes before/],
  ['orchestrator/plan/planted.ts', '../fabric/sim/sim-fabric.ts', /comes before/],
  ['orchestrator/plan/planted.ts', 'dockerode', /plan\/ is pure: no I\/O/],
  ['orchestrator/plan/planted.ts', '#node/peer/peer.ts', /knows a node by its face/],
  ['orchestrator/run/planted.ts', '#node/node.ts', /knows a node by its face/],
  ['orchestrator/fabric/sim/planted.ts', '../docker/docker-fabric.ts', /no fabric imports another/],
  [
    'orchestrator/fabric/docker/planted.ts',
    '#orchestrator/fabric/sim/sim-fabric.ts',
    /no fabric imports another/,
  ],
  ['orchestrator/fabric/planted.ts', './sim/sim-fabric.ts', /comes before/],
  ['orchestrator/run/planted.ts', '../report/collect.ts', /comes before/],
]

/** Imports of the same kinds that are right. */
const ALLOWED: readonly (readonly [file: string, source: string])[] = [
  ['node/api/http/allowed.ts', '../node-api.ts'],
  ['node/peer/allowed.ts', '../config/config.ts'],
  ['orchestrator/plan/allowed.ts', '../net/nat.ts'],
  ['orchestrator/plan/allowed.ts', '#node/config/config.ts'],
  ['orchestrator/fabric/docker/allowed.ts', '../fabric.ts'],
  ['orchestrator/fabric/sim/allowed.ts', '#node/node.ts'],
  ['orchestrator/catalogue/allowed.ts', 'node:fs/promises'],
]

interface Diagnostic {
  code: string
  filename: string
  help: string
}

describe('the boundaries of the rooms', () => {
  let folder = ''
  let diagnostics: Diagnostic[] = []

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kadlab-rooms-'))
    await cp(join(ROOT, '.oxlintrc.json'), join(folder, '.oxlintrc.json'))
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
    const sources = [...FORBIDDEN, ...ALLOWED].map(([file, source]) => ({ file, source }))
    for (const [index, { file, source }] of sources.entries()) {
      const path = join(folder, file.replace(/(planted|allowed)/, `$1-${index}`))
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, `import * as it from '${source}'\nexport const planted = it\n`)
    }
    diagnostics = await lint(folder)
  })
  after(() => rm(folder, { recursive: true, force: true }))

  for (const [index, [file, source, message]] of FORBIDDEN.entries()) {
    it(`keep ${source} out of ${dirname(file)}/`, () => {
      const path = file.replace('planted', `planted-${index}`)
      const seen = diagnostics.filter(({ filename }) => filename.endsWith(path))
      assert.notEqual(seen.length, 0, `expected the import in ${path} to be refused`)
      assert.match(seen.map(({ help }) => help).join('\n'), message)
    })
  }

  it('let through what is right', () => {
    const wrong = diagnostics.filter(({ filename }) => filename.includes('allowed-'))
    assert.deepEqual(wrong, [])
  })

  it('know every folder', async () => {
    const { globSync } = await import('node:fs')
    const known = [...NODE_ROOMS, ...ORCHESTRATOR_ROOMS].map(({ path }) => path)
    const folders = globSync('{node,orchestrator}/**/*.ts', { cwd: ROOT }).map((path) =>
      dirname(path).replaceAll('\\', '/'),
    )
    const unknown = new Set(folders.filter((path) => path.includes('/') && !known.includes(path)))
    assert.deepEqual([...unknown], [], 'each folder of sources is a room of scripts/rooms/rooms.ts')
  })
})

function lint(cwd: string): Promise<Diagnostic[]> {
  const binary = join(ROOT, 'node_modules/.bin/oxlint')
  return new Promise((resolve, reject) => {
    execFile(binary, ['--format', 'json', '.'], { cwd }, (error, stdout) => {
      const isLint = error === null || error.code === 1
      if (!isLint) return reject(error)
      const { diagnostics } = JSON.parse(stdout) as { diagnostics: Diagnostic[] }
      resolve(diagnostics.filter(({ code }) => code.includes('no-restricted-imports')))
    })
  })
}

import assert from 'node:assert/strict'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { loadScenario } from '#orchestrator/catalogue/load-file.ts'
import { planLoaded } from '#orchestrator/plan/plan-loaded.ts'
import { ScenarioError } from '#orchestrator/scenario/errors.ts'
import { readScenario } from '#orchestrator/scenario/load.ts'
import { startCommand } from '#test/support/nat-two-nodes.ts'

const BASE = `name: base
title: the base
about: what happens in the base
sites: { net: { nat: public }, home: { nat: { preset: one-to-one, allow: [tcp/3000] } } }
nodes:
  A: { site: net, env: { PUBLIC_IP: '{public}' } }
  H: { site: home, bootstrap: [A], env: { KAD_MODE: server } }
steps:
  - expect: [{ observer: H, lists: A }]
variants:
  one: {}
  two: { nodes: { H: { env: { PUBLIC_IP: '{public}' } } } }
`

/** Writes files into a folder and calls with the folder's path. */
async function among(
  files: Readonly<Record<string, string>>,
  look: (folder: string) => Promise<void>,
): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-extends-'))
  for (const [name, text] of Object.entries({ 'base.yaml': BASE, ...files })) {
    await writeFile(join(folder.path, name), text)
  }
  await look(folder.path)
}

async function faultsOf(folder: string, name: string): Promise<string[]> {
  try {
    const loaded = await loadScenario(join(folder, name), { directory: folder })
    planLoaded(loaded, { seed: 1 })
  } catch (error) {
    assert.ok(error instanceof ScenarioError, String(error))
    return error.message.split('\n')
  }
  return []
}

const own = (rest: string): string =>
  `name: own\ntitle: a change of it\nextends: ./base.yaml\n${rest}`

describe('a scenario that extends another', () => {
  it('has all that the other has but its name and what it says of itself', async () => {
    await among({ 'own.yaml': own('') }, async (folder) => {
      const { scenario } = await loadScenario(join(folder, 'own.yaml'))
      const { scenario: base } = await loadScenario(join(folder, 'base.yaml'))
      const { about: _about, ...rest } = base
      const expected = { ...rest, name: 'own', title: 'a change of it', extends: './base.yaml' }
      assert.deepEqual(scenario, expected)
    })
  })

  it('changes maps key by key, lists as a whole, and takes away by null', async () => {
    const text = own(`
nodes:
  H: { env: { KAD_MODE: client }, bootstrap: [B] }
  B: { site: net, bootstrap: [A] }
sites: { home: { nat: { allow: [tcp/4000] } } }
variants: { one: ~ }
`)
    await among({ 'own.yaml': text }, async (folder) => {
      const { scenario } = await loadScenario(join(folder, 'own.yaml'))
      assert.deepEqual(Object.keys(scenario.nodes), ['A', 'H', 'B'])
      assert.deepEqual(scenario.nodes['H'], {
        site: 'home',
        bootstrap: ['B'],
        env: { KAD_MODE: 'client' },
      })
      assert.deepEqual(scenario.sites['home']?.nat, {
        preset: 'one-to-one',
        allow: [{ protocol: 'tcp', port: 4000 }],
      })
      assert.deepEqual(Object.keys(scenario.variants ?? {}), ['two'])
      assert.equal(scenario.steps?.length, 1)
    })
  })

  it('goes over several files, and the nearest says the last word', async () => {
    const far = own('nodes: { H: { env: { KAD_MODE: client, LOG_LEVEL: warn } } }')
    const near = `name: near\ntitle: nearer\nextends: ./own.yaml\nnodes: { H: { env: { LOG_LEVEL: error } } }\n`
    await among({ 'own.yaml': far, 'near.yaml': near }, async (folder) => {
      const { scenario } = await loadScenario(join(folder, 'near.yaml'))
      assert.deepEqual(scenario.nodes['H']?.env, { KAD_MODE: 'client', LOG_LEVEL: 'error' })
    })
  })

  const FAULTS: [what: string, files: Record<string, string>, expected: RegExp[]][] = [
    [
      'its own words',
      { 'own.yaml': own('nodes:\n  H: { env: { KAD_MOD: client } }') },
      [/^own\.yaml:5:\d+: nodes\.H\.env\.KAD_MOD: kadlab reads no variable KAD_MOD/],
    ],
    [
      'words of the other',
      { 'own.yaml': own(''), 'base.yaml': BASE.replace('nat: public', 'nat: publik') },
      [/^base\.yaml:4:\d+: sites\.net\.nat: .*did you mean 'public'/],
    ],
    [
      'what the other still names and it took away',
      { 'own.yaml': own('nodes: { A: ~ }') },
      [
        /^base\.yaml:7:\d+: nodes\.H\.bootstrap\.0: no node is called 'A'/,
        /^base\.yaml:9:\d+: steps\.0\.expect\.0\.lists: no node is called 'A'/,
      ],
    ],
    [
      'what the plan finds',
      { 'own.yaml': own('sites: { home: { public: 9.9.9.9 } }') },
      [/^own\.yaml:4:\d+: sites\.home\.public: /],
    ],
    [
      'no title of its own',
      { 'own.yaml': 'name: own\nextends: ./base.yaml\n' },
      [/^own\.yaml:1:1: expected 'title', which is missing/],
    ],
    [
      'null for what is not there',
      { 'own.yaml': own('nodes: { Z: ~ }') },
      [/^own\.yaml:4:\d+: nodes\.Z: expected a map .*saw null/],
    ],
    [
      'a file that is not there',
      { 'own.yaml': own('').replace('base', 'bose') },
      [/^own\.yaml:3:10: extends: expected a scenario to extend, cannot read .*bose\.yaml/],
    ],
    [
      'a name that nothing has',
      { 'own.yaml': own('').replace('./base.yaml', 'nat-two-node') },
      [
        /^own\.yaml:3:10: extends: no scenario is called 'nat-two-node'.*did you mean 'nat-two-nodes'/,
      ],
    ],
    [
      'no text',
      { 'own.yaml': own('').replace('./base.yaml', '[a]') },
      [/^own\.yaml:3:10: extends: expected the name/],
    ],
    [
      'no YAML in the other',
      { 'own.yaml': own(''), 'base.yaml': 'name: [' },
      [/^base\.yaml:1:\d+: /],
    ],
    [
      'itself',
      { 'own.yaml': own('').replace('base', 'own') },
      [/^own\.yaml:3:10: extends: .*own\.yaml → own\.yaml/],
    ],
    [
      'a circle',
      { 'own.yaml': own(''), 'base.yaml': `${BASE}extends: ./own.yaml\n` },
      [/^base\.yaml:13:10: extends: .*own\.yaml → base\.yaml → own\.yaml/],
    ],
  ]
  for (const [what, files, expected] of FAULTS) {
    it(`is told at its line: ${what}`, async () => {
      await among(files, async (folder) => {
        const faults = await faultsOf(folder, 'own.yaml')
        for (const [index, pattern] of expected.entries())
          assert.match(faults[index] ?? '', pattern)
        assert.equal(faults.length, expected.length, faults.join('\n'))
      })
    })
  }

  it('is refused where no other can be read', () => {
    assert.throws(() => readScenario(own(''), 'own.yaml'), /own\.yaml:3:10: extends: .*nothing/)
  })

  it('says in each report what it extends', async () => {
    const text = own('variants: { one: ~ }').replace('./base.yaml', 'nat-two-nodes')
    await among({ 'own.yaml': text.replace('one: ~', 'bug: ~') }, async (folder) => {
      const words = ['scenario', './own.yaml', '--fabric', 'sim', '--json']
      const { stdout } = await startCommand(words, folder).ended
      const report = JSON.parse(stdout) as { extends: string; variants: { name: string }[] }
      assert.equal(report.extends, 'nat-two-nodes')
      assert.ok(report.variants.every(({ name }) => name !== 'bug'))
      const shown = await startCommand(words.slice(0, -1), folder).ended
      assert.match(shown.stdout, /\na change of it\nextends nat-two-nodes\n/)
    })
  })
})

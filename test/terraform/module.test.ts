import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { parse } from '@cdktf/hcl2json'
import { CHANGES } from './day-2/changes.ts'
import { openWorkspace, PROJECT, runTerraform, type Workspace } from './terraform.ts'

const MODULE = join(PROJECT, 'terraform')

type Described = Record<string, { description?: string }[]>

async function described(kind: 'variable' | 'output'): Promise<Described> {
  const files = globSync(`${kind}s*.tf`, { cwd: MODULE })
  const parsed = await Promise.all(
    files.map(
      (name) =>
        parse(name, readFileSync(join(MODULE, name), 'utf8')) as Promise<
          Partial<Record<'variable' | 'output', Described>>
        >,
    ),
  )
  return Object.assign({}, ...parsed.map((file) => file[kind] ?? {})) as Described
}

describe('the Terraform module', () => {
  let workspace: Workspace

  before(async () => {
    workspace = await openWorkspace()
  })
  after(async () => {
    await workspace[Symbol.asyncDispose]()
  })

  it('is formatted', async () => {
    const outcome = await runTerraform(MODULE, [
      'fmt',
      '-check',
      '-recursive',
      '-diff',
      '-no-color',
    ])
    assert.equal(outcome.code, 0, outcome.text)
  })

  for (const folder of [
    '',
    'examples/minimal',
    'examples/multi-region',
    'examples/generated-identity',
  ]) {
    it(`is valid: ${folder === '' ? 'the module itself' : folder}`, async () => {
      const outcome = await workspace.terraform(['validate', '-no-color'], { folder })
      assert.equal(outcome.code, 0, outcome.text)
      assert.doesNotMatch(outcome.text, /Warning/)
    })
  }

  it('plans its smallest example', async () => {
    const outcome = await workspace.terraform(['plan', '-no-color'], { folder: 'examples/minimal' })
    assert.equal(outcome.code, 0, outcome.text)
    assert.match(
      outcome.text,
      /module\.cluster\.module\.nodes\.azurerm_linux_virtual_machine\.this\["kadlab-02"\]/,
    )
  })

  for (const folder of ['', 'modules/machines']) {
    it(`passes its own tests: ${folder === '' ? 'the module itself' : folder}`, async () => {
      const outcome = await workspace.terraform(['test', '-no-color'], { folder })
      assert.equal(outcome.code, 0, outcome.text)
      const runs = globSync('tests/*.tftest.hcl', { cwd: join(MODULE, folder) }).flatMap(
        (file) => readFileSync(join(MODULE, folder, file), 'utf8').match(/^run "/gm) ?? [],
      )
      assert.ok(outcome.text.includes(`Success! ${runs.length} passed, 0 failed.`), outcome.text)
    })
  }

  it('has a validation with a test for each variable that can be out of range', async () => {
    const variable = await described('variable')
    const tests = readFileSync(join(MODULE, 'tests/validation.tftest.hcl'), 'utf8')
    const untested = Object.entries(variable)
      .filter(([, [definition]]) => 'validation' in (definition ?? {}))
      .map(([name]) => name)
      .filter((name) => !new RegExp(`[\\[ ]var\\.${name}[,\\]]`).test(tests))
    assert.deepEqual(untested, [])
    const open = Object.entries(variable)
      .filter(([, [definition]]) => !('validation' in (definition ?? {})))
      .map(([name]) => name)
    assert.deepEqual(open.toSorted(), [
      'encryption_at_host_enabled',
      'monitoring',
      'prevent_deletion_if_contains_resources',
      'register_resource_providers',
      'subnets_with_security_group',
    ])
  })

  it('has a second day for each variable: a row of the README', async () => {
    const variable = await described('variable')
    const tried = new Set(CHANGES.map(({ what }) => what))
    assert.deepEqual(
      Object.keys(variable).filter((name) => !tried.has(name)),
      // Another subscription has nothing of the state that there is.
      ['subscription_id'],
    )
  })

  it('describes every variable and every output', async () => {
    const variable = await described('variable')
    const output = await described('output')
    for (const [name, [definition]] of Object.entries({ ...variable, ...output })) {
      assert.match(definition?.description ?? '', /^[A-Z].{15}/, name)
    }
  })

  it('has no lock file: one made with stubs would break real users', () => {
    assert.deepEqual(globSync('terraform/**/.terraform.lock.hcl', { cwd: PROJECT }), [])
  })

  it('says no secret in a plan', async () => {
    const plan = await workspace.terraform(['plan', '-no-color'])
    assert.equal(plan.code, 0, plan.text)
    assert.doesNotMatch(plan.text, /PRIVATE KEY/)
    assert.match(plan.text, /\+ custom_data += \(sensitive value\)/)
  })
})

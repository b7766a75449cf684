import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { catalogue, findScenario, scenarioNames } from '#orchestrator/catalogue/catalogue.ts'

describe('the catalogue of scenarios', () => {
  it('lists every scenario under the name of its file, with a title', async () => {
    const entries = await catalogue()
    assert.ok(entries.some(({ name }) => name === 'nat-two-nodes'))
    for (const { name, title } of entries) {
      const { scenario } = await findScenario(name)
      assert.equal(scenario.name, name)
      assert.ok(title.length > 0)
    }
  })

  it('opens every scenario with the line for editors and a comment on what it proves', async () => {
    for (const name of await scenarioNames()) {
      const text = await readFile(`orchestrator/scenarios/${name}.yaml`, 'utf8')
      assert.match(
        text,
        /^# yaml-language-server: \$schema=\.\.\/scenario\/scenario\.schema\.json\n#/,
        name,
      )
      assert.match(text, /^# Proves/m, name)
    }
  })

  it('names the nearest scenarios for a name that it does not have', async () => {
    await assert.rejects(findScenario('nat-two-node'), {
      name: 'ScenarioError',
      message: /no scenario is called 'nat-two-node'; did you mean 'nat-two-nodes'/,
    })
  })

  it('takes a path to a file of the reader', async () => {
    const { scenario, file } = await findScenario('./orchestrator/scenarios/nat-two-nodes.yaml')
    assert.equal(scenario.name, 'nat-two-nodes')
    assert.equal(file, './orchestrator/scenarios/nat-two-nodes.yaml')
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { catalogue, scenarioText } from '#orchestrator/catalogue/catalogue.ts'
import { checkScenario } from '#orchestrator/lab/check.ts'
import { RED } from '#test/support/scenario-text.ts'

describe('a text in the lab', () => {
  it('is a scenario of that name where it can run', () => {
    assert.deepEqual(checkScenario(RED, 'sim'), { name: 'red', faults: [] })
  })

  it('says at the line what the schema, the names and the plan find wrong', () => {
    const wrong = [
      [RED.replace('nat: public', 'nat: publik'), 4, /did you mean 'public'/],
      [RED.replace('bootstrap: [A]', 'bootstrap: [C]'), 5, /'C'/],
      [RED.replace('nat: public', 'nat: one-to-one, public: 9.9.9.9'), 4, /9\.9\.9\.9/],
      ['name: [', 1, /./],
    ] as const
    for (const [text, line, message] of wrong) {
      const { name, faults } = checkScenario(text, 'sim')
      assert.equal(name, null)
      assert.equal(faults[0]?.line, line, text)
      assert.match(faults[0].message, message)
      assert.doesNotMatch(faults[0].message, /scenario\.yaml/)
    }
  })

  it('extends scenarios of the catalogue by their names, and says here what is wrong there', () => {
    const text = `name: mine\ntitle: mine\nextends: nat-two-nodes\n`
    assert.deepEqual(checkScenario(text, 'sim'), { name: 'mine', faults: [] })
    const [fault] = checkScenario(`${text}nodes: { A: ~ }`, 'sim').faults
    assert.equal(fault?.line, 3)
    assert.match(fault.message, /nat-two-nodes\.yaml:\d+: .*no node is called 'A'/)
    const [path] = checkScenario(text.replace('nat-two', './nat-two'), 'sim').faults
    assert.match(path?.message ?? '', /extends: expected the name of a scenario of the catalogue/)
  })

  it('can run where the catalogue says that it can, and says why not elsewhere', async () => {
    for (const { name, fabrics } of await catalogue()) {
      const text = (await scenarioText(name)) ?? ''
      for (const fabric of ['sim', 'docker'] as const) {
        const { faults } = checkScenario(text, fabric)
        assert.equal(faults.length === 0, fabrics.includes(fabric), `${name} on ${fabric}`)
      }
    }
  })
})

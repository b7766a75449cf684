import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { catalogue } from '#orchestrator/catalogue/catalogue.ts'
import { fabricsFor, networkMisfit, programMisfit } from '#orchestrator/scenario/fabric-fit.ts'
import { FABRIC_NAMES, fabricFacts, rankedFabrics } from '#orchestrator/scenario/fabrics.ts'
import { readScenario } from '#orchestrator/scenario/load.ts'
import { PROGRAMS } from '#orchestrator/scenario/programs.ts'

const TEXT = `
name: mine
title: Two sites.
sites:
  a: { nat: port-restricted, subnet: 10.1.0.0/24 }
  b: { nat: port-restricted, subnet: 10.2.0.0/24 }
nodes:
  A: { site: a }
  B: { site: b, bootstrap: [A] }
`

function fits(text: string): string[] {
  return fabricsFor(readScenario(text, 'mine.yaml').scenario)
}

describe('the fabrics of a scenario', () => {
  it('are all where it asks for nothing special', () => {
    assert.deepEqual(fits(TEXT), FABRIC_NAMES)
  })

  it('are those that run them where a node runs a foreign program, and the reason names it', () => {
    const text = TEXT.replace('A: { site: a', 'A: { site: a, program: go-kv')
    const withImages = FABRIC_NAMES.filter((name) => fabricFacts(name).foreignPrograms)
    assert.deepEqual(fits(text), withImages)
    const { scenario } = readScenario(text, 'mine.yaml')
    const fault = programMisfit(scenario, 'sim')
    assert.match(fault?.message ?? '', /node A runs go-kv.*--fabric netns or docker/)
    assert.deepEqual(fault?.path, ['nodes', 'A', 'program'])
  })

  it('are those that can have one subnet twice where two sites ask for it', () => {
    const text = TEXT.replace('10.2.0.0/24', '10.1.0.0/24')
    assert.deepEqual(
      fits(text),
      FABRIC_NAMES.filter((name) => fabricFacts(name).sameSubnets),
    )
    const { scenario } = readScenario(text, 'mine.yaml')
    assert.match(networkMisfit(scenario, 'docker') ?? '', /one subnet, which docker cannot have/)
  })

  it('are at least one for each scenario of the catalogue', async () => {
    for (const { name, fabrics } of await catalogue()) assert.notDeepEqual(fabrics, [], name)
  })
})

describe('the table of fabrics', () => {
  it('ends what auto tries with one that runs everywhere', () => {
    const last = rankedFabrics().at(-1)
    assert.ok(last)
    assert.equal(fabricFacts(last).needs, null)
  })

  it('gives foreign programs the fabrics that run images', () => {
    for (const { fabrics } of Object.values(PROGRAMS)) assert.ok(fabrics.includes('docker'))
  })
})

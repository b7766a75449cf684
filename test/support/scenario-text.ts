import assert from 'node:assert/strict'
import { ScenarioError } from '#orchestrator/scenario/errors.ts'
import { readScenario } from '#orchestrator/scenario/load.ts'
import type { Scenario } from '#orchestrator/scenario/schema.ts'
import type { LocatedFault } from '#orchestrator/words/fault.ts'

/** The scenario that a YAML text describes. */
export function scenarioOf(text: string): Scenario {
  return readScenario(text, 'test.yaml').scenario
}

/** The faults of a text, each with its line and column. None where it is a scenario. */
export function faultsIn(text: string): readonly LocatedFault[] {
  try {
    readScenario(text, 'test.yaml')
  } catch (error) {
    assert.ok(error instanceof ScenarioError, String(error))
    return error.faults
  }
  return []
}

/** A run of it is red, in both of its variants: nobody is given the time to list anybody. */
export const RED = `
name: red
title: an expectation that does not come true
sites: { open: { nat: public } }
nodes: { A: { site: open }, B: { site: open, bootstrap: [A] } }
steps:
  - expect: [{ observer: A, lists: B, within: 20ms }]
variants: { one: {}, two: {} }
`

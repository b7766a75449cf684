import { readScenario } from '#orchestrator/scenario/load.ts'
import type { Scenario } from '#orchestrator/scenario/schema.ts'

/** The scenario that a YAML text describes. */
export function scenarioOf(text: string): Scenario {
  return readScenario(text, 'test.yaml').scenario
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

import { CAUSES } from '#node/discovery/causes.ts'
import { reaches } from '#node/discovery/ladder.ts'
import type { EffectiveVariant } from '#orchestrator/topology/effective.ts'
import type { Fault } from './fault.ts'
import { didYouMean } from './nearest.ts'
import type { ExpectationSpec, StepSpec } from './schema.ts'

/** What steps may name. */
interface Known {
  nodes: string[]
  /** Sites that have a router. */
  routed: string[]
}

/** Goes through a variant's steps as a run would: who runs at each, and whether what is awaited can come true. */
export function stepFaults(variant: EffectiveVariant, known: Known): Fault[] {
  const faults: Fault[] = []
  const nodes = Object.entries(variant.scenario.nodes)
  const running = new Set(
    nodes.filter(([, { autostart }]) => autostart !== false).map(([name]) => name),
  )

  function named(path: Fault['path'], node: string): boolean {
    if (known.nodes.includes(node)) return true
    const message = `no node is called '${node}'; there are ${known.nodes.join(', ')}${didYouMean(node, known.nodes)}`
    faults.push({ path, message })
    return false
  }

  function runs(path: Fault['path'], node: string): void {
    if (!named(path, node) || running.has(node)) return
    faults.push({ path, message: `${node} does not run at this step of variant ${variant.name}` })
  }

  function checkStep(step: StepSpec, path: Fault['path']): void {
    if ('put' in step || 'provide' in step) runs([...path, 'node'], step.node)
    else if ('start' in step) {
      if (!named([...path, 'start'], step.start)) return
      if (running.has(step.start)) {
        faults.push({
          path: [...path, 'start'],
          message: `${step.start} runs already at this step of variant ${variant.name}: give it autostart: false, or restart it`,
        })
      }
      running.add(step.start)
    } else if ('stop' in step) {
      runs([...path, 'stop'], step.stop)
      running.delete(step.stop)
    } else if ('restart' in step) runs([...path, 'restart'], step.restart)
    else if ('flush-nat' in step) {
      const site = step['flush-nat']
      if (site === 'all' || known.routed.includes(site)) return
      faults.push({
        path: [...path, 'flush-nat'],
        message: `no site with a router is called '${site}'; there are ${['all', ...known.routed].join(', ')}`,
      })
    } else {
      for (const [index, expectation] of step.expect.entries()) {
        checkExpectation(expectation, [...path, 'expect', index])
      }
      faults.push(...contradictions(step.expect, [...path, 'expect']))
    }
  }

  function checkExpectation(expectation: ExpectationSpec, path: Fault['path']): void {
    if ('node' in expectation) {
      runs([...path, 'node'], expectation.node)
      if ('provider' in expectation) named([...path, 'provider'], expectation.provider)
      return
    }
    const { verb, target } = targetOf(expectation)
    runs([...path, 'observer'], expectation.observer)
    named([...path, verb], target)
    if (expectation.observer === target) {
      faults.push({ path: [...path, verb], message: `impossible: ${target} does not judge itself` })
    }
    if (verb !== 'not-lists' || !('cause' in expectation) || expectation.cause === undefined) return
    const { rung } = CAUSES[expectation.cause]
    if (reaches(rung, 'listed')) {
      faults.push({
        path: [...path, 'cause'],
        message: `impossible: a target with cause ${expectation.cause} is listed (it stands on rung ${rung})`,
      })
    }
  }

  for (const [index, step] of variant.steps.entries()) {
    checkStep(step, [...variant.stepsPath, index])
  }
  return faults
}

function targetOf(expectation: Exclude<ExpectationSpec, { node: string }>): {
  verb: string
  target: string
} {
  if ('connected' in expectation) return { verb: 'connected', target: expectation.connected }
  if ('lists' in expectation) return { verb: 'lists', target: expectation.lists }
  if ('not-lists' in expectation) return { verb: 'not-lists', target: expectation['not-lists'] }
  if ('dialable' in expectation) return { verb: 'dialable', target: expectation.dialable }
  return { verb: 'not-dialable', target: expectation['not-dialable'] }
}

/** Expectations of one step must hold together. */
const OPPOSITES: readonly [string, string][] = [
  ['lists', 'not-lists'],
  ['dialable', 'not-dialable'],
  ['dialable', 'not-lists'],
]

function contradictions(expectations: readonly ExpectationSpec[], path: Fault['path']): Fault[] {
  const claims = expectations.flatMap((expectation, index) =>
    'node' in expectation
      ? []
      : [{ index, observer: expectation.observer, ...targetOf(expectation) }],
  )
  return claims.flatMap((claim): Fault[] => {
    const rival = claims.find(
      (other) =>
        other.index < claim.index &&
        other.observer === claim.observer &&
        other.target === claim.target &&
        OPPOSITES.some((pair) => pair.includes(other.verb) && pair.includes(claim.verb)) &&
        other.verb !== claim.verb,
    )
    if (rival === undefined) return []
    const message = `impossible: ${claim.observer} ${claim.verb} ${claim.target} contradicts ${rival.verb} in the same step`
    return [{ path: [...path, claim.index], message }]
  })
}

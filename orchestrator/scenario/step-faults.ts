import { CAUSES } from '#node/judgement/causes.ts'
import { reaches } from '#node/judgement/ladder.ts'
import type { EffectiveVariant } from '#orchestrator/scenario/effective.ts'
import { claimOf, contradictions, type SightingVerb } from './contradictions.ts'
import type { Fault } from './fault.ts'
import { didYouMean } from './nearest.ts'
import type { ExpectationSpec, StepSpec } from './schema.ts'
import { createStoredKeys } from './stored-keys.ts'

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
  const hasRun = new Set(running)
  const stored = createStoredKeys(nodes.some(([, { env }]) => env?.['DATA_DIR'] !== undefined))

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
    if ('put' in step || 'provide' in step) {
      runs([...path, 'node'], step.node)
      stored.add(step)
    } else if ('start' in step) {
      if (!named([...path, 'start'], step.start)) return
      if (running.has(step.start)) {
        faults.push({
          path: [...path, 'start'],
          message: `${step.start} runs already at this step of variant ${variant.name}: give it autostart: false, or restart it`,
        })
      }
      running.add(step.start)
      hasRun.add(step.start)
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
      // A refused put keeps its copy, which the expectations beside it may find.
      for (const expectation of step.expect) if ('put-fails' in expectation) stored.add(expectation)
      for (const [index, expectation] of step.expect.entries()) {
        checkExpectation(expectation, [...path, 'expect', index])
      }
      faults.push(...contradictions(step.expect, [...path, 'expect']))
    }
  }

  /** Who stopped may stay listed; nobody is connected to what does not run, or lists what never ran. */
  function checkReached(verb: SightingVerb, target: string, path: Fault['path']): void {
    const needed =
      verb === 'lists' ? hasRun : verb === 'connected' || verb === 'dialable' ? running : null
    if (needed === null || needed.has(target)) return
    const state = hasRun.has(target) ? 'does not run' : 'has not run'
    faults.push({
      path,
      message: `impossible: ${target} ${state} at this step of variant ${variant.name}`,
    })
  }

  function checkExpectation(expectation: ExpectationSpec, path: Fault['path']): void {
    if ('node' in expectation) {
      runs([...path, 'node'], expectation.node)
      if ('provider' in expectation) named([...path, 'provider'], expectation.provider)
      const missing = stored.missing(expectation)
      if (missing !== null) faults.push({ ...missing, path: [...path, ...missing.path] })
      return
    }
    const { observer, verb, target, cause } = claimOf(expectation)
    runs([...path, 'observer'], observer)
    if (named([...path, verb], target)) checkReached(verb, target, [...path, verb])
    if (observer === target) {
      faults.push({ path: [...path, verb], message: `impossible: ${target} does not judge itself` })
    }
    if (verb !== 'not-lists' || cause === null) return
    const { rung } = CAUSES[cause]
    if (reaches(rung, 'listed')) {
      faults.push({
        path: [...path, 'cause'],
        message: `impossible: a target with cause ${cause} is listed (it stands on rung ${rung})`,
      })
    }
  }

  for (const [index, step] of variant.steps.entries()) {
    checkStep(step, [...variant.stepsPath, index])
  }
  return faults
}

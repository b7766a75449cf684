import {
  DEFAULT_WITHIN_MS,
  type ExpectationSpec,
  type StepSpec,
} from '#orchestrator/scenario/schema.ts'
import type { Expectation, RouterPlan, Step } from './plan-type.ts'

/** Steps of a scenario as steps of a plan. */
export function planSteps(steps: readonly StepSpec[], routers: readonly RouterPlan[]): Step[] {
  return steps.flatMap((step) => planStep(step, routers))
}

function planStep(step: StepSpec, routers: readonly RouterPlan[]): Step[] {
  if ('put' in step) {
    const withinMs = step.within ?? DEFAULT_WITHIN_MS
    return [{ do: 'put', on: step.node, key: step.put, value: step.value, withinMs }]
  }
  if ('provide' in step) {
    const withinMs = step.within ?? DEFAULT_WITHIN_MS
    return [{ do: 'provide', on: step.node, key: step.provide, withinMs }]
  }
  if ('start' in step) return [{ do: 'start', node: step.start }]
  if ('stop' in step) return [{ do: 'stop', node: step.stop }]
  if ('restart' in step) return [{ do: 'restart', node: step.restart }]
  if ('flush-nat' in step) {
    const site = step['flush-nat']
    return routers
      .filter((router) => site === 'all' || router.site === site)
      .map((router) => ({ do: 'flush-nat', router: router.name }))
  }
  return [{ do: 'expect', expectations: step.expect.map(planExpectation) }]
}

function planExpectation(spec: ExpectationSpec): Expectation {
  const withinMs = spec.within ?? DEFAULT_WITHIN_MS
  if ('connected' in spec) {
    return { kind: 'connected', observer: spec.observer, target: spec.connected, withinMs }
  }
  if ('lists' in spec) {
    return { kind: 'lists', observer: spec.observer, target: spec.lists, withinMs }
  }
  if ('not-lists' in spec) {
    const { observer, cause = null } = spec
    return { kind: 'not-lists', observer, target: spec['not-lists'], cause, withinMs }
  }
  if ('dialable' in spec) {
    return { kind: 'dialable', observer: spec.observer, target: spec.dialable, withinMs }
  }
  if ('not-dialable' in spec) {
    const { observer, cause = null } = spec
    return { kind: 'not-dialable', observer, target: spec['not-dialable'], cause, withinMs }
  }
  if ('reads' in spec) {
    return { kind: 'reads', on: spec.node, key: spec.reads, value: spec.value, withinMs }
  }
  if ('put-fails' in spec) {
    return { kind: 'put-fails', on: spec.node, key: spec['put-fails'], value: spec.value, withinMs }
  }
  const { node, provider } = spec
  return { kind: 'finds-provider', on: node, key: spec['finds-provider'], provider, withinMs }
}

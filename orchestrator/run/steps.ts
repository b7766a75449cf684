import { describeError } from '#node/base/errors.ts'
import { type Clock, timeoutSignal } from '#node/time/clock.ts'
import type { Lab } from '#orchestrator/fabric/fabric.ts'
import type { Step } from '#orchestrator/plan/plan-type.ts'
import type { ExpectationResult } from '#orchestrator/run/events.ts'
import type { Crew } from './crew.ts'
import { copiesText } from './expectation-kinds.ts'
import { awaitExpectations } from './expectations.ts'
import type { Watch } from './watch.ts'

export interface StepComponents {
  lab: Lab
  crew: Crew
  watch: Watch
  clock: Clock
}

/** The step as a sentence. */
export function stepText(step: Step): string {
  switch (step.do) {
    case 'put':
      return `${step.on} puts ${step.key}`
    case 'provide':
      return `${step.on} provides ${step.key}`
    case 'start':
    case 'stop':
    case 'restart':
      return `${step.do} ${step.node}`
    case 'flush-nat':
      return `flush NAT mappings of ${step.router}`
    case 'expect':
      return `await ${step.expectations.length === 1 ? '1 expectation' : `${step.expectations.length} expectations`}`
  }
}

/**
 * Does one step. A put or provide that fails is a result that does not hold; a node that does not start or stop is the
 * fabric's failure and throws.
 */
export async function runStep(
  step: Step,
  components: StepComponents,
  options: { signal: AbortSignal; onResult: (result: ExpectationResult) => void },
): Promise<boolean> {
  const { lab, crew, watch, clock } = components
  const { signal, onResult } = options
  switch (step.do) {
    case 'put':
      return attempt(step, components, options, async (patience) => {
        const value = new TextEncoder().encode(step.value)
        const { copies } = await crew.api(step.on).put(step.key, value, { signal: patience })
        return `stored on ${copiesText(copies)}`
      })
    case 'provide':
      return attempt(step, components, options, async (patience) => {
        const { told } = await crew.api(step.on).provide(step.key, { signal: patience })
        return `told ${copiesText(told)}`
      })
    case 'start':
      await crew.start(step.node, { signal })
      return true
    case 'stop':
      await crew.stop(step.node, { signal })
      return true
    case 'restart':
      await crew.stop(step.node, { signal })
      await crew.start(step.node, { signal })
      return true
    case 'flush-nat':
      await lab.flushNat(step.router, { signal })
      return true
    case 'expect':
      return awaitExpectations(
        step.expectations,
        { company: crew, watch, clock },
        { signal, onResult },
      )
  }
}

async function attempt(
  step: Step & { withinMs: number },
  { clock }: StepComponents,
  { signal, onResult }: { signal: AbortSignal; onResult: (result: ExpectationResult) => void },
  act: (patience: AbortSignal) => Promise<string>,
): Promise<boolean> {
  const startedAt = clock.now()
  const deadline = timeoutSignal(clock, step.withinMs)
  let holds = false
  let seen: string
  try {
    seen = await act(AbortSignal.any([signal, deadline.signal]))
    holds = true
  } catch (error) {
    signal.throwIfAborted()
    seen = describeError(error)
  } finally {
    deadline.clear()
  }
  const afterMs = clock.now() - startedAt
  onResult({ expectation: null, text: stepText(step), holds, expected: 'done', seen, afterMs })
  return holds
}

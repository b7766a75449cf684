import { html } from 'htm/preact'
import type { StepPicture, VariantPicture } from '#orchestrator/picture/picture.ts'
import type { ExpectationResult } from '#orchestrator/run/events.ts'
import type { PlannedExpectation } from '#orchestrator/words/expectation.ts'
import { expectationWord } from '#orchestrator/words/expectations/expectations.ts'
import type { PlannedStep } from '#orchestrator/words/step.ts'
import { stepWord } from '#orchestrator/words/steps/steps.ts'
import { duration, outcomeLook } from './marks.ts'
import { linkTo } from './store.ts'

/** The steps of a variant: done, under way, to come. */
export function Steps({ variant }: { variant: VariantPicture }): unknown {
  const planned = variant.variant.steps
  if (planned.length === 0)
    return html`<p class="empty">No steps: the nodes start, and that is all.</p>`
  return html`<ol class="steps">
    ${planned.map((step, index) => {
      const begun = variant.steps[index]
      const last = index === variant.steps.length - 1 && variant.endedAtMs === null
      const state = begun === undefined ? 'to-come' : last ? 'under-way' : 'done'
      return html`<li class=${state}>
        <p>${stepWord(step).text(step)} <small>${state.replace('-', ' ')}</small></p>
        ${Results({ step, begun, ended: variant.endedAtMs !== null })}
      </li>`
    })}
  </ol>`
}

function Results({
  step,
  begun,
  ended,
}: {
  step: PlannedStep
  begun: StepPicture | undefined
  ended: boolean
}): unknown {
  const results = begun?.results ?? []
  const said = new Set(results.map(({ text }) => text))
  const open = ended ? [] : awaited(step).filter((text) => !said.has(text))
  if (results.length + open.length === 0) return null
  return html`<ul class="results">
    ${results.map((result) => Result(result))}
    ${open.map((text) => html`<li class="open"><span class="mark">…</span> <span>${text}</span></li>`)}
  </ul>`
}

function Result({
  text,
  holds,
  expected,
  seen,
  afterMs,
  observer,
  target,
}: ExpectationResult): unknown {
  const { mark, look } = outcomeLook(holds)
  const subject =
    observer !== null && target !== null
      ? html`<a href=${linkTo({ node: observer, target })}>${text}</a>`
      : text
  return html`<li class=${look}>
    <span class="mark">${mark}</span>
    <span>${subject}${!holds && html`<em>expected ${expected}, saw ${seen}</em>`}</span>
    <time>${duration(afterMs)}</time>
  </li>`
}

/** What a step that awaits something awaits, as sentences. */
function awaited(step: PlannedStep): string[] {
  if (!('expectations' in step) || !Array.isArray(step.expectations)) return []
  return (step.expectations as PlannedExpectation[]).map((each) => expectationWord(each).text(each))
}

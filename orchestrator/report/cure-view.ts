import type { RemedyAction } from '#node/judgement/causes.ts'
import type { Style } from '#node/view/style.ts'
import { wrap } from '#node/view/text.ts'
import type { Pair } from '#orchestrator/cure/pairs.ts'
import { actionText } from '#orchestrator/cure/remedy-text.ts'
import type { RunEvent } from '#orchestrator/run/events.ts'

/** What is done before a variant runs again. */
export function doneLines(actions: readonly RemedyAction[], style: Style): string[] {
  return actions.map((action) => `${style('dim', '+')} ${style('green', actionText(action))}`)
}

/** What a round came to. */
export function outcomeLines(
  { cured, worse, left }: Pick<Extract<RunEvent, { type: 'cured' }>, 'cured' | 'worse' | 'left'>,
  style: Style,
): string[] {
  return [
    ...(cured.length === 0 ? [] : [`${style('green', '✔')} cured: ${pairs(cured)}`]),
    ...(worse.length === 0 ? [] : [`${style('red', '✘')} made worse: ${pairs(worse)}`]),
    ...(left.length === 0 ? [] : [`${style('yellow', '·')} left: ${pairs(left)}`]),
  ]
}

/** What is left after the last round, and why. */
export function cureEndLines(
  { variant, red, left }: Extract<RunEvent, { type: 'cure-end' }>,
  width: number,
  style: Style,
): string[] {
  const cured = red - left.length
  const counted = red === 1 ? '1 red pair' : `${red} red pairs`
  const head =
    left.length === 0
      ? style('green', `✔ ${variant}: all of ${counted} cured`)
      : style('yellow', `${variant}: ${Math.max(0, cured)} of ${counted} cured`)
  return [
    head,
    ...left.flatMap(({ observer, target, cause, why }) => {
      const reason = why === null ? 'its remedy did not cure it' : `cannot be cured: ${why}`
      return wrap(`${target} at ${observer} (${cause}) ${reason}`, width - 2).map(
        (line, index) => `${index === 0 ? style('red', '✘') : ' '} ${line}`,
      )
    }),
  ]
}

function pairs(all: readonly Pair[]): string {
  return all.map(({ observer, target }) => `${target} at ${observer}`).join(', ')
}

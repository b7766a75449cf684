import { visible } from '#node/base/visible.ts'
import type { RunEvent } from '#orchestrator/run/events.ts'

/** Consumers of a run's events around the one that prints them. */
export interface Annotations {
  before(event: RunEvent): void
  after(event: RunEvent): void
}

/**
 * What GitHub Actions makes of a log: a group to open for each variant, and an annotation for each expectation that does
 * not hold, and for a run without a verdict (workflow commands, `::group::` and `::error`).
 */
export function createAnnotations(write: (text: string) => void): Annotations {
  let scenario = ''
  let isOpen = false
  const errors: string[] = []
  const close = (): void => {
    if (isOpen) write('::endgroup::\n')
    isOpen = false
  }
  return {
    before(event) {
      if (event.type === 'run-start') scenario = event.scenario
      if (event.type !== 'variant-start') return
      close()
      write(`::group::${data(`${scenario}, ${event.variant}`)}\n`)
      isOpen = true
    },
    after(event) {
      if (event.type === 'expectation' && !event.result.holds) {
        const { text, expected, seen } = event.result
        const title = property(`${scenario}, ${event.variant}`)
        errors.push(
          `::error title=${title}::${data(`${text}: expected ${expected}, saw ${seen}`)}\n`,
        )
      }
      if (event.type === 'run-failed') {
        errors.push(`::error title=${property(scenario)}::${data(event.error.message)}\n`)
      }
      if (event.type === 'variant-end') close()
      if (event.type !== 'run-end' && event.type !== 'run-failed') return
      close()
      // Behind the groups, where nobody has to open one.
      for (const error of errors.splice(0)) write(error)
    },
  }
}

function data(text: string): string {
  return visible(text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A'))
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}

import type { Fault } from './fault.ts'
import { didYouMean } from './nearest.ts'
import type { ExpectationSpec, StepSpec } from './schema.ts'

type Storing =
  | Extract<StepSpec, { put: string } | { provide: string }>
  | Extract<ExpectationSpec, { 'put-fails': string }>

/** What the steps of a variant have stored so far: nobody finds anything else. */
export interface StoredKeys {
  /** Counts what a step stores, or tries to. */
  add(step: Storing): void
  /** The fault of an expectation that finds what is nowhere; null where it may be there. Its path starts there. */
  missing(expectation: Extract<ExpectationSpec, { node: string }>): Fault | null
}

/** @param persistent - whether a node may have kept records from before its start: then anything may be there */
export function createStoredKeys(persistent: boolean): StoredKeys {
  const values = new Map<string, Set<string>>()
  const providers = new Map<string, Set<string>>()

  function missingValue(key: string, wanted: string): string | null {
    const there = values.get(key)
    if (there === undefined) return `no step before this one puts '${key}'${near(key, values)}`
    if (there.has(wanted)) return null
    return `the steps before this one put ${listed(there)} under '${key}', not '${wanted}'`
  }

  function missingProvider(key: string, wanted: string): string | null {
    const there = providers.get(key)
    if (there === undefined) {
      return `no step before this one provides '${key}'${near(key, providers)}`
    }
    if (there.has(wanted)) return null
    return `the steps before this one let ${[...there].join(', ')} provide '${key}', not ${wanted}`
  }

  return {
    add(step) {
      if ('put' in step) note(values, step.put, step.value)
      else if ('provide' in step) note(providers, step.provide, step.node)
      else note(values, step['put-fails'], step.value)
    },
    missing(expectation) {
      if (persistent) return null
      if ('reads' in expectation) {
        return faultOf('reads', missingValue(expectation.reads, expectation.value))
      }
      if ('finds-provider' in expectation) {
        const { 'finds-provider': key, provider } = expectation
        return faultOf('finds-provider', missingProvider(key, provider))
      }
      return null
    },
  }
}

function note(found: Map<string, Set<string>>, key: string, what: string): void {
  found.set(key, (found.get(key) ?? new Set()).add(what))
}

function faultOf(verb: string, message: string | null): Fault | null {
  return message === null ? null : { path: [verb], message: `impossible: ${message}` }
}

function near(key: string, found: ReadonlyMap<string, unknown>): string {
  return didYouMean(key, [...found.keys()])
}

function listed(values: ReadonlySet<string>): string {
  return [...values].map((value) => `'${value}'`).join(', ')
}

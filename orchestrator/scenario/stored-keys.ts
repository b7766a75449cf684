import { didYouMean } from '../words/nearest.ts'
import type { StoredKeys } from '../words/scene.ts'

/** @param persistent - whether a node may have kept records from before its start: then anything may be there */
export function createStoredKeys(persistent: boolean): StoredKeys {
  const values = new Map<string, Set<string>>()
  const providers = new Map<string, Set<string>>()

  function missingKey(key: string): string | null {
    if (persistent || values.has(key)) return null
    return `no step before this one puts '${key}'${near(key, values)}`
  }

  return {
    put: (key, value) => note(values, key, value),
    provide: (key, provider) => note(providers, key, provider),
    missingKey,
    missingValue(key, wanted) {
      const there = values.get(key)
      if (there === undefined) return missingKey(key)
      if (persistent || there.has(wanted)) return null
      const found = [...there].map((value) => `'${value}'`).join(', ')
      return `the steps before this one put ${found} under '${key}', not '${wanted}'`
    },
    missingProvider(key, wanted) {
      if (persistent) return null
      const there = providers.get(key)
      if (there === undefined) {
        return `no step before this one provides '${key}'${near(key, providers)}`
      }
      if (there.has(wanted)) return null
      return `the steps before this one let ${[...there].join(', ')} provide '${key}', not ${wanted}`
    },
  }
}

function note(found: Map<string, Set<string>>, key: string, what: string): void {
  found.set(key, (found.get(key) ?? new Set()).add(what))
}

function near(key: string, found: ReadonlyMap<string, unknown>): string {
  return didYouMean(key, [...found.keys()])
}

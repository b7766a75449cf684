import type { z } from 'zod'
import { EXPECTATIONS } from '../words/expectations/expectations.ts'
import { type Fault, isRecord, valueAt } from '../words/fault.ts'
import { didYouMean } from '../words/nearest.ts'
import { STEPS } from '../words/steps/steps.ts'

/** Longer lists of names are left out where a near name is found. */
const SHORT_LIST = 12

type Issue = z.core.$ZodIssue

/** What a schema found wrong, in words for people: what was expected, what was seen, what is near. */
export function schemaFaults(error: z.ZodError, value: unknown): Fault[] {
  return error.issues.flatMap((issue) => faultsOf(issue, value, []))
}

function faultsOf(issue: Issue, value: unknown, above: Fault['path']): Fault[] {
  const path = [...above, ...issue.path.map(asKey)]
  const seen = valueAt(value, path)
  if (seen === undefined && issue.code !== 'unrecognized_keys') {
    return [
      { path: path.slice(0, -1), message: `expected '${String(path.at(-1))}', which is missing` },
    ]
  }
  const plainFault = { path, message: `expected ${issue.message}, saw ${shown(seen)}` }
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(path, key, issue.message.split(', ')))
    case 'invalid_union':
      return unionFaults(issue, value, path)
    case 'invalid_value': {
      const allowed = issue.values.map(String)
      const near = typeof seen === 'string' ? didYouMean(seen, allowed) : ''
      const expected = near !== '' && allowed.length > SHORT_LIST ? 'a known name' : listed(allowed)
      return [{ path, message: `expected ${expected}, saw ${shown(seen)}${near}` }]
    }
    case 'invalid_key': {
      const why = issue.issues[0]?.message ?? 'a name'
      return [{ path, atKey: true, message: `expected ${why}, saw '${String(path.at(-1))}'` }]
    }
    case 'invalid_type':
      return [{ path, message: `expected ${typeWords(issue)}, saw ${shown(seen)}` }]
    case 'too_small':
    case 'too_big':
    case 'invalid_format':
    case 'invalid_element':
    case 'not_multiple_of':
    case 'custom':
      break
  }
  return [plainFault]
}

/** Of the ways to write something, the one that was meant: by its verb for steps and expectations, else by its kind. */
function unionFaults(
  issue: Issue & { code: 'invalid_union' },
  value: unknown,
  path: Fault['path'],
): Fault[] {
  const seen = valueAt(value, path)
  const verbs = path.at(-2) === 'expect' ? EXPECTATIONS : path.at(-2) === 'steps' ? STEPS : null
  if (verbs !== null && isRecord(seen)) return verbFaults(issue, value, path, Object.keys(verbs))
  const branches = issue.errors.filter(
    (branch) => !branch.some((inner) => isWrongKind(inner, seen)),
  )
  const [branch] = branches
  if (branch !== undefined && branches.length === 1) {
    return branch.flatMap((inner) => faultsOf(inner, value, path))
  }
  if (verbs !== null) {
    return [
      {
        path,
        message: `expected ${listed(Object.keys(verbs))} with its fields, saw ${shown(seen)}`,
      },
    ]
  }
  return [{ path, message: `expected ${issue.message}, saw ${shown(seen)}` }]
}

function verbFaults(
  issue: Issue & { code: 'invalid_union' },
  value: unknown,
  path: Fault['path'],
  verbs: string[],
): Fault[] {
  const keys = Object.keys(valueAt(value, path) as object)
  const used = verbs.filter((verb) => keys.includes(verb))
  const [verb] = used
  if (verb === undefined) {
    const slip = keys.map((key) => didYouMean(key, verbs)).find((hint) => hint !== '') ?? ''
    return [{ path, message: `expected one of ${listed(verbs)}, saw ${listed(keys)}${slip}` }]
  }
  if (used.length > 1) {
    return [
      { path, message: `expected one of ${listed(verbs)}, saw ${used.join(' and ')} together` },
    ]
  }
  const branch = issue.errors[verbs.indexOf(verb)] ?? []
  return branch.flatMap((inner) => faultsOf(inner, value, path))
}

function isWrongKind(issue: Issue, seen: unknown): boolean {
  if (issue.path.length > 0) return false
  if (issue.code === 'invalid_value') return typeof seen !== 'string'
  return issue.code === 'invalid_type'
}

function unknownKey(path: Fault['path'], key: string, known: string[]): Fault {
  return {
    path: [...path, key],
    atKey: true,
    message: `'${key}' is no key of this${didYouMean(key, known) || `; allowed: ${known.join(', ')}`}`,
  }
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  object: 'a map of keys and values',
  record: 'a map of keys and values',
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  string: 'text (numbers and dates need quotes)',
}

/** A field's own words where it has some, else those of its type. */
function typeWords(issue: Issue & { code: 'invalid_type' }): string {
  if (!issue.message.startsWith('Invalid input')) return issue.message
  return TYPE_WORDS[issue.expected] ?? `a ${issue.expected}`
}

function listed(words: readonly string[]): string {
  if (words.length === 1) return String(words[0])
  return `${words.slice(0, -1).join(', ')} or ${String(words.at(-1))}`
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = typeof value === 'string' ? `'${value}'` : JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

function asKey(key: PropertyKey): string | number {
  return typeof key === 'number' ? key : String(key)
}

/** What a package says of itself, as far as licences go. */
export interface Manifest {
  name: string
  version: string
  /** An SPDX expression. */
  license?: string
  /** As it was written before 2015. */
  licenses?: { type: string }[]
}

/**
 * Licences under which code may be part of what kadlab (Apache-2.0) ships, or a tool that works on it: they want a notice
 * handed on, and nothing of the rest. MPL-2.0 reaches no further than its own files.
 */
export const ALLOWED: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MPL-2.0',
  'Unlicense',
])

/** A package's licence as an SPDX expression; empty where it names none. */
export function licenceOf({ license, licenses = [] }: Manifest): string {
  return license ?? licenses.map(({ type }) => type).join(' OR ')
}

/** Whether an SPDX expression (`MIT`, `Apache-2.0 OR MIT`, `(MIT AND Zlib) OR ISC`) leaves an allowed way. */
export function isAllowed(expression: string): boolean {
  const words = expression.match(/\(|\)|[^\s()]+/g) ?? []
  let at = 0
  function anyOf(): boolean {
    let holds = allOf()
    while (words[at] === 'OR') {
      at += 1
      // Read on in any case: the words have to be passed.
      holds = allOf() || holds
    }
    return holds
  }
  function allOf(): boolean {
    let holds = one()
    while (words[at] === 'AND') {
      at += 1
      holds = one() && holds
    }
    return holds
  }
  function one(): boolean {
    const word = words[at] ?? ''
    at += 1
    if (word !== '(') return ALLOWED.has(word)
    const holds = anyOf()
    if (words[at] !== ')') return false
    at += 1
    return holds
  }
  return anyOf() && at === words.length
}

import { visible } from '#node/base/visible.ts'

/** What JSON of others may hold that would not be seen: escapes, and marks that turn text around. */
const SUSPECT = /\\[ubfr]|[\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/

/**
 * JSON of a run or of a node as a page shows it: whatever would hide in its texts, or turn them around, is written out.
 * Ends of lines and tabs stay.
 */
export function readJson(json: string): unknown {
  if (!SUSPECT.test(json)) return JSON.parse(json) as unknown
  return JSON.parse(json, (_, value: unknown) =>
    typeof value === 'string'
      ? value
          .split(/([\n\t])/)
          .map(shown)
          .join('')
      : value,
  ) as unknown
}

function shown(piece: string): string {
  return piece === '\n' || piece === '\t' ? piece : visible(piece)
}

import { z } from 'zod'
import { name, strict } from './values.ts'

/** The group of all nodes of a scenario. */
export const EVERYBODY = 'everybody'

const HOW = '{ every: homes }, { some: homes }, or { at-least: 5, of: homes }'

/** Several nodes in place of one: the copies of a node, those that stand in a site or its copies, or everybody. */
export const groupSchema = strict({
  every: name.describe('All nodes of this group.').optional(),
  some: name.describe('One node of this group or more.').optional(),
  'at-least': z.int().min(1).describe('So many nodes of the group that `of` names.').optional(),
  of: name.describe('The group, beside `at-least`.').optional(),
})
  .refine(
    (spec) => {
      const keys = Object.keys(spec).toSorted().join()
      return ['every', 'some', 'at-least,of'].includes(keys)
    },
    { error: HOW },
  )
  .describe(
    'Several nodes: the copies of a node or site that has a `count`, those that stand in a site, or `everybody`.',
  )

/** A group as a scenario file names it. */
export type GroupSpec = z.output<typeof groupSchema>

/** A node's name, or a group in its place. */
export const nameOrGroup = z.union([name, groupSchema], `a name, or ${HOW}`)

/** How many of a group it takes. */
export type Needed = number | 'all'

/** A node's name, or all of a group, where something is done to each. */
export const nameOrEach = z.union(
  [name, strict({ every: name.describe('Each node of this group, one after the other.') })],
  'a name, or { every: homes }',
)

/** Which group is meant, how many of it, and how sentences call them. */
export interface Quantified {
  group: string
  needed: Needed
  label: string
}

/** What a group's words mean; null for a single name. */
export function quantified(spec: unknown): Quantified | null {
  // Lists have an every and a some of their own.
  if (typeof spec !== 'object' || spec === null || Array.isArray(spec)) return null
  const { every, some, 'at-least': atLeast = 1, of } = spec as GroupSpec
  if (every !== undefined) {
    const label = every === EVERYBODY ? every : `every ${every}`
    return { group: every, needed: 'all', label }
  }
  if (some !== undefined) {
    const label = some === EVERYBODY ? 'somebody' : `some ${some}`
    return { group: some, needed: 1, label }
  }
  if (of === undefined) return null
  return { group: of, needed: atLeast, label: `at least ${atLeast} of ${of}` }
}

/** What an expectation of a group is made of: a row for each observer, in it an expectation for each target. */
export interface Members<Each> {
  rows: readonly (readonly Each[])[]
  /** So many rows must hold. */
  rowsNeeded: Needed
  /** So many of each row must hold, for the row to hold. */
  neededInRow: Needed
}

/** Whether enough members hold. */
export function enoughHold<Each>(
  { rows, rowsNeeded, neededInRow }: Members<Each>,
  holds: (member: Each) => boolean,
): boolean {
  const held = rows.filter((row) => isEnough(row.filter(holds).length, neededInRow, row))
  return isEnough(held.length, rowsNeeded, rows)
}

function isEnough(count: number, needed: Needed, { length }: readonly unknown[]): boolean {
  return count >= (needed === 'all' ? length : needed)
}

/** Whether it holds only where each of its members does. */
export function mustAllHold({ members }: { members?: Members<unknown> }): boolean {
  return members === undefined || (members.rowsNeeded === 'all' && members.neededInRow === 'all')
}

/** Fields of a word in which a group may stand wherever the word itself has the name of a node. */
export function withGroups<Fields extends z.ZodRawShape>(
  fields: Fields,
  group: typeof nameOrGroup | typeof nameOrEach,
): Fields {
  const entries = Object.entries(fields).map(([key, field]) => [
    key,
    field === name ? group : field,
  ])
  return Object.fromEntries(entries) as Fields
}

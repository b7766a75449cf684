import { z } from 'zod'
import { defineExpectation } from '../expectation.ts'
import { EVERYBODY } from '../group.ts'
import { percent, tableHealthText } from '../table-health.ts'
import { wholeShare } from '../values.ts'

const DEFAULT_RECALL = 0.95

/** So many pairs are named that are missing. */
const NAMED = 3

export const tables = defineExpectation({
  word: 'tables',
  doc: 'Each node lists, of the 20 closest that the plan lets it list, at least this share, and of all contacts at most so many do not run.',
  fields: {
    tables: z.literal('healthy', 'healthy'),
    recall: wholeShare.describe('Of the closest, at least so many. Default 95%.').optional(),
    dead: wholeShare.describe('Of all contacts, at most so many. Default 0%.').optional(),
  },
  plan: ({ recall = DEFAULT_RECALL, dead = 0 }) => ({ observer: EVERYBODY, recall, dead }),
  text: () => 'the routing tables are healthy',
  expected: ({ recall, dead }) =>
    `recall at least ${percent(recall)}, dead at most ${percent(dead)}`,
  isState: true,
  wakes: new Set(['listed', 'unlisted', 'start']),
  check() {},
  excludes: () => false,
  async look({ recall, dead }, nodes) {
    const health = nodes.tableHealth()
    const holds = health.recall >= recall && health.dead <= dead
    const named = health.missing.slice(0, NAMED).map(([one, other]) => `${one} lacks ${other}`)
    const more = health.missing.length - named.length
    const whom =
      holds || named.length === 0
        ? ''
        : `; ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
    return { holds, seen: tableHealthText(health) + whom }
  },
})

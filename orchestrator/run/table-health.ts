import type { NodeEvent } from '#node/events/node-event.ts'
import type { IdealTables } from '../truth/ideal-tables.ts'
import type { TableHealth } from '../words/table-health.ts'

/** Kademlia's k: so many of the closest everybody should know. */
const CLOSEST = 20

/** The routing tables of a lab as its nodes tell of them, held against those that the plan allows. */
export interface Tables {
  /** A node begins anew, with an empty table. */
  begins(node: string): void
  onEvent(node: string, event: NodeEvent): void
  /**
   * @param running who runs: whoever does not is a dead contact, and belongs into no table
   * @param answering of those the ones whose tables are looked at
   */
  health(running: readonly string[], answering: readonly string[]): TableHealth
}

/** @param nameOf the node of a peer id, or the peer id itself */
export function createTables(ideal: IdealTables, nameOf: (peerId: string) => string): Tables {
  const tables = new Map<string, Set<string>>()
  return {
    begins: (node) => void tables.set(node, new Set()),
    onEvent(node, event) {
      if (event.event === 'listed') tables.get(node)?.add(nameOf(event.peer))
      else if (event.event === 'unlisted') tables.get(node)?.delete(nameOf(event.peer))
    },
    health(running, answering) {
      const up = new Set(running)
      const missing: [observer: string, target: string][] = []
      let wanted = 0
      let contacts = 0
      let dead = 0
      for (const observer of answering) {
        const table = tables.get(observer) ?? new Set()
        const closest = (ideal.get(observer) ?? []).filter((name) => up.has(name)).slice(0, CLOSEST)
        wanted += closest.length
        for (const name of closest) if (!table.has(name)) missing.push([observer, name])
        contacts += table.size
        for (const name of table) if (!up.has(name)) dead += 1
      }
      return {
        recall: wanted === 0 ? 1 : 1 - missing.length / wanted,
        dead: contacts === 0 ? 0 : dead / contacts,
        contacts,
        missing,
      }
    },
  }
}

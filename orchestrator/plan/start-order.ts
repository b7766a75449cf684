import type { Scenario } from '#orchestrator/scenario/schema.ts'

/**
 * The nodes that must listen before a node is started: those of its `bootstrap`, since a peer that dials an empty address
 * once may not try again. Not those that a step starts, nor those that join through the node themselves, by whatever way:
 * neither would ever come first.
 */
export function startsAfter(scenario: Scenario, name: string): string[] {
  const { nodes } = scenario
  const waits = (node: string): string[] => {
    const spec = nodes[node]
    if (spec === undefined || spec.start === 'anyhow') return []
    return (spec.bootstrap ?? []).filter((target) => nodes[target]?.autostart !== false)
  }
  const before = (node: string, seen = new Set<string>()): Set<string> => {
    for (const target of waits(node)) {
      if (seen.has(target)) continue
      seen.add(target)
      before(target, seen)
    }
    return seen
  }
  return [...new Set(waits(name))].filter((target) => !before(target).has(name))
}

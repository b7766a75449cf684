import { type ExpectationSpec, wordOf } from '../words/expectations/expectations.ts'
import { EVERYBODY, type Members, type Needed, quantified } from '../words/group.ts'
import type { StepSpec } from '../words/steps/steps.ts'
import type { Scenario } from './schema.ts'

/** Every group of a scenario by its name: those that stand in a site, the copies of what has a count, everybody. */
export type Groups = ReadonlyMap<string, readonly string[]>

export function groupsOf({ sites, nodes, groups = {} }: Scenario): Groups {
  const standing = (at: readonly string[]): string[] =>
    Object.entries(nodes).flatMap(([name, { site }]) => (at.includes(site) ? [name] : []))
  const counted = Object.entries(groups).map(([group, copies]): [string, readonly string[]] => [
    group,
    copies.every((copy) => copy in sites) ? standing(copies) : copies,
  ])
  return new Map([
    ...Object.keys(sites).map((site): [string, string[]] => [site, standing([site])]),
    ...counted,
    [EVERYBODY, Object.keys(nodes)],
  ])
}

/** A step, and its place in the file: those of a group have one place. */
export interface PlacedStep {
  step: StepSpec
  index: number
}

/**
 * Steps in which each expectation of a group has its members, and what is done to every node of a group is a step for each.
 * Groups that are not there are left as they are: whoever checks the step finds them.
 */
export function writtenOut(steps: readonly StepSpec[], groups: Groups): PlacedStep[] {
  return steps.flatMap((step, index): PlacedStep[] => {
    if ('expect' in step) {
      return [
        { step: { ...step, expect: step.expect.map((each) => membersOf(each, groups)) }, index },
      ]
    }
    return eachOf(step, groups).map((one) => ({ step: one, index }))
  })
}

function eachOf(step: StepSpec, groups: Groups): StepSpec[] {
  if ('churn' in step) return [{ ...step, churn: named(step.churn, groups) }]
  if ('partition' in step)
    return [{ ...step, partition: step.partition.map((part) => named(part, groups)) }]
  for (const [key, value] of Object.entries(step)) {
    const names = groups.get(quantified(value)?.group ?? '')
    if (names !== undefined)
      return names.flatMap((name) => eachOf({ ...step, [key]: name }, groups))
  }
  return [step]
}

function named<Entry>(part: readonly Entry[], groups: Groups): (Entry | string)[] {
  return part.flatMap(
    (entry): readonly (Entry | string)[] => groups.get(quantified(entry)?.group ?? '') ?? [entry],
  )
}

function membersOf(spec: ExpectationSpec, groups: Groups): ExpectationSpec {
  const fields: Readonly<Record<string, unknown>> = spec
  // What one node expects of another says `observer`; what concerns one alone, or a key, says `node`.
  const isView = 'observer' in fields
  const observerKey = isView ? 'observer' : 'node'
  const meant = new Map(
    Object.entries(fields).flatMap(([key, value]) => {
      const found = quantified(value)
      return found === null ? [] : [[key, found] as const]
    }),
  )
  if (meant.size === 0 || [...meant.values()].some(({ group }) => !groups.has(group))) return spec
  const targetKey =
    [...meant.keys()].find((key) => key !== observerKey) ?? (isView ? wordOf(spec) : null)
  const named = (key: string): readonly unknown[] => {
    const group = meant.get(key)
    return group === undefined ? [fields[key]] : (groups.get(group.group) ?? [])
  }
  const rows = named(observerKey).map((observer) => {
    const row = { ...fields, [observerKey]: observer }
    if (targetKey === null) return [row]
    // Nobody judges itself: of a group that looks at one of its own, the others do.
    const targets = named(targetKey).filter((target) => !isView || target !== observer)
    return targets.map((target) => ({ ...row, [targetKey]: target }))
  })
  const members: Members<ExpectationSpec> = {
    rows: rows.filter(({ length }) => length > 0) as ExpectationSpec[][],
    rowsNeeded: neededOf(observerKey),
    neededInRow: targetKey === null ? 'all' : neededOf(targetKey),
  }
  function neededOf(key: string): Needed {
    return meant.get(key)?.needed ?? 'all'
  }
  const labels = Object.fromEntries([...meant].map(([key, { label }]) => [key, label]))
  return { ...spec, ...labels, members }
}

import type { z } from 'zod'
import type { AbortOptions } from '#node/base/abort-options.ts'
import type { NodeEvent } from '#node/events/node-event.ts'
import { type Members, nameOrGroup, withGroups } from './group.ts'
import type { LabNodes } from './lab-nodes.ts'
import type { Scene } from './scene.ts'
import { by, DEFAULT_WITHIN_MS, durationInWords, stays, strict, within } from './values.ts'

/** What every planned expectation says of itself; reports carry these fields. */
export interface ExpectationBody {
  /** The node that looks. */
  observer: string
  /** The node that is looked for. */
  target?: string
  /** The key that is looked for. */
  key?: string
  /** The cause that must be named; null where any will do. */
  cause?: string | null
}

/** A planned expectation of any word. */
export interface PlannedExpectation extends ExpectationBody {
  word: string
  /** Of a group: the expectations of one node that it is made of. Its own names are those of groups. */
  members?: Members<PlannedExpectation>
  /** It must come true within this time after its step began. */
  withinMs: number
  /** It must have come true so long after its variant began, whatever `withinMs` says. */
  byMs?: number
  /** Once it has come true it must last so long; only for what describes a state. */
  staysMs?: number
}

/** An expectation that is to come true by a time of its variant, as one that has what is left of it: from now on. */
export function fromNow(expectation: PlannedExpectation, sinceBeganMs: number): PlannedExpectation {
  const { byMs, members } = expectation
  if (byMs === undefined) return expectation
  const rows = members?.rows.map((row) => row.map((one) => fromNow(one, sinceBeganMs)))
  return {
    ...expectation,
    withinMs: Math.max(0, byMs - sinceBeganMs),
    ...(members !== undefined && rows !== undefined && { members: { ...members, rows } }),
  }
}

/** The expectations of one node that an expectation is made of: itself, or its members. */
export function singleOnes(expectation: PlannedExpectation): PlannedExpectation[] {
  return expectation.members?.rows.flat() ?? [expectation]
}

/** What a look at the lab showed of one expectation. */
export interface Look {
  holds: boolean
  seen: string
  /** True where looking again would change something, or nothing: the first answer stands. */
  final?: boolean
}

/** One kind of expectation: everything that is to be known of it, in one file of `expectations/`. */
export interface ExpectationDefinition<
  Word extends string,
  Fields extends z.ZodRawShape,
  Body extends ExpectationBody,
> {
  /** The key that names it in a scenario file; one of `fields`. */
  word: Word & keyof Fields
  /** One sentence, for docs and editors. */
  doc: string
  /** Its keys in a scenario file, `within` not counted. */
  fields: Fields
  /** What is awaited, from what the file says. */
  plan(spec: z.output<z.ZodObject<Fields>>): Body
  /** The expectation as a sentence. */
  text(body: Body): string
  /** What must be seen for it to hold. */
  expected(body: Body): string
  /** True for what describes a state, which must last to the end of its step; false for what is done once. */
  isState: boolean
  /** True for what holds where something does not work: the red square of its pair is as it should be. Default: false. */
  isNegative?: boolean
  /** The events after which it is worth looking again. */
  wakes: ReadonlySet<NodeEvent['event']>
  /** Reports what cannot come true at this step. */
  check(body: Body, scene: Scene): void
  /** What it leaves behind for the expectations beside it: looked at before any of them is checked. */
  leaves?(body: Body, scene: Scene): void
  /** Whether it cannot hold together with `other`. Each pair of a step is asked in both orders. */
  excludes?(body: Body, other: PlannedExpectation): boolean
  /** Looks whether it holds now. What is thrown here is what was seen, and does not hold. */
  look(body: Body, nodes: LabNodes, options: AbortOptions): Promise<Look>
}

/** A word of the scenario language that awaits something. */
export interface ExpectationWord<
  Word extends string = string,
  Schema extends z.ZodObject = z.ZodObject,
  Planned extends PlannedExpectation = PlannedExpectation,
> {
  readonly word: Word
  readonly schema: Schema
  readonly isState: boolean
  readonly isNegative: boolean
  readonly wakes: ReadonlySet<NodeEvent['event']>
  plan(spec: z.output<Schema>): Planned
  text(planned: Planned): string
  expected(planned: Planned): string
  check(planned: Planned, scene: Scene): void
  leaves(planned: Planned, scene: Scene): void
  excludes(planned: Planned, other: PlannedExpectation): boolean
  look(planned: Planned, nodes: LabNodes, options: AbortOptions): Promise<Look>
}

/** Makes a word of its definition: adds `within` and `by`, and `stays` to a state, and fills in what was left out. */
export function defineExpectation<
  const Word extends string,
  Fields extends z.ZodRawShape,
  Body extends ExpectationBody,
>(
  definition: ExpectationDefinition<Word, Fields, Body>,
): ExpectationWord<
  Word,
  z.ZodObject<
    Fields & { within: typeof within; by: typeof by; stays: typeof stays },
    z.core.$strict
  >,
  Body & { word: Word; withinMs: number; byMs?: number; staysMs?: number }
> {
  const { word, fields, doc, isState } = definition
  return {
    ...definition,
    word,
    isNegative: definition.isNegative ?? false,
    // What is done once has nothing that could last: there the key is as unknown as any other.
    schema: strict({
      ...withGroups(fields, nameOrGroup),
      within,
      by,
      ...(isState && { stays }),
    } as Fields & {
      within: typeof within
      by: typeof by
      stays: typeof stays
    }).describe(doc),
    plan(spec) {
      const {
        within: withinMs = DEFAULT_WITHIN_MS,
        by: byMs,
        stays: staysMs,
      } = spec as Partial<Record<'within' | 'by' | 'stays', number>>
      return {
        ...definition.plan(spec as z.output<z.ZodObject<Fields>>),
        word,
        withinMs,
        ...(byMs !== undefined && { byMs }),
        ...(staysMs !== undefined && { staysMs }),
      }
    },
    text: (planned) =>
      definition.text(planned) +
      (planned.byMs === undefined ? '' : `, by ${durationInWords(planned.byMs)}`) +
      (planned.staysMs === undefined ? '' : `, for ${durationInWords(planned.staysMs)}`),
    leaves: (planned, scene) => definition.leaves?.(planned, scene),
    excludes: (planned, other) => definition.excludes?.(planned, other) ?? false,
  }
}

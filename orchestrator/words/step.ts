import type { z } from 'zod'
import type { Block } from '#orchestrator/net/block.ts'
import type { LinkPlan } from '#orchestrator/net/link.ts'
import type { NatConfig } from '#orchestrator/net/nat.ts'
import type { PlannedExpectation } from './expectation.ts'
import { nameOrEach, withGroups } from './group.ts'
import type { LabNodes } from './lab-nodes.ts'
import type { Scene } from './scene.ts'
import { strict } from './values.ts'

/** What not every fabric can do. */
export type FabricSkill = 'blocks' | 'readdresses' | 'shapes' | 'setsClocks'

/** A planned step of any word. */
export interface PlannedStep {
  word: string
  /** The node that acts, or is acted on; reports carry it, and the key. */
  node?: string
  key?: string
}

/** What a step is planned from, beside its own words. */
export interface StepConditions {
  /** Of each site from inside to outside. */
  routers: readonly { name: string; site: string }[]
  /**
   * The address that a router gets: the one that is wished, with a fault where that cannot be had, or null: the next that nobody has.
   *
   * @throws SubnetFullError
   */
  publicAddress: (router: string, wished: string | null) => string
  nodes: readonly { name: string; site: string; address: string }[]
}

/** What a step can do to a lab. Each call rejects with the signal's reason where the run is given up. */
export interface StepLab extends Pick<LabNodes, 'api' | 'peerId' | 'nameOf'> {
  start(node: string): Promise<void>
  stop(node: string): Promise<void>
  /** Ends a node, and starts it again with another key. */
  renewIdentity(node: string): Promise<void>
  /** Ends a node without a goodbye. */
  kill(node: string): Promise<void>
  /** Lets a node handle nothing any more. */
  pause(node: string): Promise<void>
  /** Lets a node that is paused go on. */
  resume(node: string): Promise<void>
  /** Lets time of the lab's clock pass. */
  wait(durationMs: number): Promise<void>
  /** Makes a router forget its mappings. */
  flushNat(router: string): Promise<void>
  /** Gives a router another NAT, made of the one that it has; what is open across it stays open. */
  changeNat(router: string, change: (nat: NatConfig) => NatConfig): Promise<void>
  /** Gives a router another outside address, and whoever is seen at the one that it has. */
  readdress(router: string, address: string): Promise<void>
  /** Blocks these packets too, until the variant ends. */
  block(blocks: readonly Block[]): Promise<void>
  /** Ends what is blocked between two nodes. */
  unblock(pair: readonly [string, string]): Promise<void>
  /** Pulls the cable between these nodes and all others, or plugs it in again. */
  link(isOn: boolean, inside: readonly string[]): Promise<void>
  /** Gives a site's network another link, until the variant ends. */
  shape(site: string, link: LinkPlan): Promise<void>
  /** Ends everything that is blocked. */
  heal(): Promise<void>
  /**
   * Does something that must succeed within a time; `act` returns what was seen. Its outcome is a result in the
   * report, and a failure is one that does not hold.
   */
  attempt(withinMs: number, act: (signal: AbortSignal) => Promise<string>): Promise<boolean>
  /** Awaits expectations; true where all hold. */
  expect(expectations: readonly PlannedExpectation[]): Promise<boolean>
}

/** One kind of step: everything that is to be known of it, in one file of `steps/`. */
export interface StepDefinition<
  Word extends string,
  Fields extends z.ZodRawShape,
  Body extends object,
> {
  /** The key that names it in a scenario file; one of `fields`. */
  word: Word & keyof Fields
  /** One sentence, for docs and editors. */
  doc: string
  /** Its keys in a scenario file. */
  fields: Fields
  /** What is done, from what the file says. */
  plan(spec: z.output<z.ZodObject<Fields>>, conditions: StepConditions): Body[]
  /** The step as a sentence. */
  text(body: Body): string
  /** Whether what came of it is a result of its own in the report: by `attempt`, or by `expect`. */
  hasResult: boolean
  /** True for what has no result and leaves the lab as it is. Default: false. */
  changesNothing?: boolean
  /** What a fabric must be able to do. Default: what every fabric can. */
  needs?: FabricSkill
  /** Reports what cannot be done at this step, and changes the scene as the step will. */
  check(spec: z.output<z.ZodObject<Fields>>, scene: Scene): void
  /**
   * Does it; false where the verdict falls by it.
   *
   * @throws what the lab throws: a node that does not start is the fabric's failure, not the scenario's
   */
  run(body: Body, lab: StepLab): Promise<boolean>
}

/** A word of the scenario language that does something. */
export interface StepWord<
  Word extends string = string,
  Schema extends z.ZodObject = z.ZodObject,
  Planned extends PlannedStep = PlannedStep,
> {
  readonly word: Word
  readonly schema: Schema
  readonly hasResult: boolean
  /** Whether it changes who runs or what crosses the network. */
  readonly changes: boolean
  /** What a fabric must be able to do; null: what every fabric can. */
  readonly needs: FabricSkill | null
  plan(spec: z.output<Schema>, conditions: StepConditions): Planned[]
  text(planned: Planned): string
  check(spec: z.output<Schema>, scene: Scene): void
  run(planned: Planned, lab: StepLab): Promise<boolean>
}

/** Makes a word of its definition. */
export function defineStep<
  const Word extends string,
  Fields extends z.ZodRawShape,
  Body extends object,
>(
  definition: StepDefinition<Word, Fields, Body>,
): StepWord<Word, z.ZodObject<Fields, z.core.$strict>, Body & { word: Word }> {
  const { word, fields, doc } = definition
  return {
    ...definition,
    word,
    changes: !definition.hasResult && definition.changesNothing !== true,
    needs: definition.needs ?? null,
    schema: strict(withGroups(fields, nameOrEach)).describe(doc),
    plan: (spec, conditions) =>
      definition.plan(spec, conditions).map((body) => ({ ...body, word })),
  }
}

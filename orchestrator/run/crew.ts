import type { AbortOptions } from '#node/base/abort-options.ts'
import { KadlabError } from '#node/base/errors.ts'
import type { Clock } from '#node/time/clock.ts'
import { untilAborted } from '#node/time/until-aborted.ts'
import type { Lab, LabNode } from '#orchestrator/fabric/fabric.ts'
import type { GrowingInsight } from '#orchestrator/findings/insight.ts'
import { withInsight } from '#orchestrator/findings/with-insight.ts'
import type { LabNodes } from '../words/lab-nodes.ts'
import type { Ahead } from './ahead.ts'
import { boundedApi } from './bounded-api.ts'
import type { Contacts } from './contacts.ts'
import type { Doubts } from './doubts.ts'
import { withFreshDials } from './fresh-dials.ts'
import type { ChangingGround } from './ground.ts'
import type { Lives } from './lives.ts'
import type { Tables } from './table-health.ts'

/** A node is asked something while it does not run. */
export class NodeNotRunningError extends KadlabError {
  static override readonly name = 'NodeNotRunningError'
}

/** The nodes of a variant: which run, and how to start and stop them. */
export interface Crew extends LabNodes, AsyncDisposable {
  /** Names of the nodes that run, in the plan's order. */
  running(): string[]
  /** Of those the ones that answer: none that is paused. */
  answering(): string[]
  /** @param options.when it begins once this resolves. Default: at once */
  start(node: string, options: { signal: AbortSignal; when?: Promise<void> }): Promise<LabNode>
  stop(node: string, options: AbortOptions): Promise<void>
  /** Ends a node without a goodbye. */
  kill(node: string, options: AbortOptions): Promise<void>
  /** Lets a node handle nothing any more. */
  pause(node: string, options: AbortOptions): Promise<void>
  /** Lets a node that is paused go on. */
  resume(node: string, options: AbortOptions): Promise<void>
  /** Stops whatever runs; collects errors and throws the first. */
  stopAll(options?: AbortOptions): Promise<void>
  /** Keeps the nodes running when this handle is disposed of. */
  release(): void
}

/**
 * @param by.clock the run's: a node that does not answer is given up by it
 * @param by.ahead nodes that are held ready
 */
export function createCrew(
  lab: Lab,
  ground: ChangingGround,
  {
    insight,
    lives,
    contacts,
    doubts,
    tables,
    clock,
    ahead,
  }: {
    insight: GrowingInsight
    lives: Lives
    contacts: Contacts
    doubts: Doubts
    tables: Tables
    clock: Clock
    ahead: Ahead
  },
): Crew {
  const running = new Map<string, LabNode>()
  const paused = new Set<string>()
  let released = false

  const crew: Crew = {
    running: () => ground.variant.nodes.map(({ name }) => name).filter((name) => running.has(name)),
    answering: () => crew.running().filter((name) => !paused.has(name)),
    api(name) {
      const node = running.get(name)
      if (node === undefined) throw new NodeNotRunningError(`node ${name} does not run`)
      const api = withFreshDials(boundedApi(node.api, name, clock), name, doubts, (id) =>
        ground.nameOf(id),
      )
      return withInsight(api, name, insight)
    },
    peerId: (name) => ground.node(name).peerId,
    knowsOnlyFormer: (observer, target) =>
      running.has(target) && lives.knowsOnlyFormer(observer, target),
    hasDialled: (observer, target) => contacts.hasDialled(observer, target),
    connectedSinceChange: (observer, target) => contacts.connectedSinceChange(observer, target),
    async isAlive(observer, target, options) {
      if (!doubts.has(observer, target)) return true
      for (const [one, other] of [
        [observer, target],
        [target, observer],
      ] as const) {
        try {
          const { roundTripMs } = await crew.api(one).ping(crew.peerId(other), options)
          doubts.settle(observer, target)
          return roundTripMs !== null
        } catch (error) {
          // A peer of another implementation cannot be told to ping: the other side may be.
          if (!(error instanceof Error) || error.name !== 'NotImplementedError') throw error
        }
      }
      return true
    },
    tableHealth: () => tables.health(crew.running(), crew.answering()),
    nameOf: (peerId) => ground.nameOf(peerId),
    async start(name, { signal, when }) {
      const begin = (): void => {
        insight.starts(name)
        lives.begins(name)
        contacts.begins(name)
        tables.begins(name)
      }
      const begins = when?.then(begin)
      if (begins === undefined) begin()
      const held = ahead.begin(name, begins)
      const node = await (held === null
        ? lab.startNode(ground.node(name), { signal, when: begins })
        : untilAborted(signal, held))
      running.set(name, node)
      return node
    },
    async stop(name, options) {
      const node = running.get(name)
      running.delete(name)
      paused.delete(name)
      await node?.stop(options)
    },
    async kill(name, options) {
      const node = running.get(name)
      running.delete(name)
      paused.delete(name)
      await node?.kill(options)
    },
    async pause(name, options) {
      await running.get(name)?.pause(options)
      paused.add(name)
    },
    async resume(name, options) {
      paused.delete(name)
      await running.get(name)?.resume(options)
    },
    async stopAll(options = {}) {
      const outcomes = await Promise.allSettled(
        [...running.keys()].map((name) => crew.stop(name, options)),
      )
      const failed = outcomes.find((outcome) => outcome.status === 'rejected')
      if (failed !== undefined) throw failed.reason
    },
    release() {
      released = true
    },
    async [Symbol.asyncDispose]() {
      if (!released) await crew.stopAll()
    },
  }
  return crew
}

import type { Readable, Writable } from 'node:stream'
import type { AbortOptions } from '#node/base/abort-options.ts'
import type { NodePlan } from '#orchestrator/plan/plan-type.ts'
import type { AttachedPeer } from '../running-node.ts'
import type { Engine } from './engine.ts'

/**
 * What a node's container runs. kadlab's own node is one; a peer of another implementation is another, with an image of
 * its own and an adapter that turns settings into arguments and output lines into events.
 */
export interface NodeProgram {
  /** Makes the image ready; returns its tag. */
  image(engine: Engine, options: ImageOptions): Promise<string>
  /** The entry point of its image. */
  readonly command: readonly string[]
  /** Arguments behind it. */
  arguments(node: NodePlan): string[]
  /** @param company - the nodes of the lab, where people are going to look into it; null where nobody will */
  environment(node: NodePlan, company: readonly NodePlan[] | null): Record<string, string>
  /** Commands of its image for people who look into a lab. */
  readonly commands: readonly string[]
  /** The peer at the other end of a container's streams. Must tell events from the first one on. */
  connect(output: Readable, input: Writable): AttachedPeer
}

export interface ImageOptions extends AbortOptions {
  /** Told of each step of a build; of nothing where the image is there already. */
  onProgress: (text: string) => void
}

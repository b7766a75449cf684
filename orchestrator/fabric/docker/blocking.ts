import { createInterface } from 'node:readline'
import type { AbortOptions } from '#node/base/abort-options.ts'
import { untilAborted } from '#node/time/until-aborted.ts'
import type { Block } from '#orchestrator/net/block.ts'
import { FabricError } from '../errors.ts'
import { blockRuleset } from '../nft-blocks.ts'
import { createAttached } from './containers.ts'
import type { Engine } from './engine.ts'
import { engineName, labelsOf, type LabIdentity } from './labels.ts'
import { isGone } from './refusals.ts'

/** A node, and the container whose network namespace it uses. */
export interface BlockedPlace {
  node: string
  engine: Engine
  /** The container's id. */
  namespace: string
}

/**
 * What is blocked between the nodes of a lab, in the kernel of each. A node has no right to change its network: a container
 * that has, and that lives for as long as one command takes, joins its namespace.
 */
export class Blocking {
  readonly #lab: LabIdentity
  readonly #image: string
  /** By node. */
  readonly #places = new Map<string, BlockedPlace>()
  /** The ruleset of each namespace that has one. */
  readonly #loaded = new Map<string, string>()
  #blocks: readonly Block[] = []

  /** @param image - the routers', which has nft */
  constructor(lab: LabIdentity, image: string) {
    this.#lab = lab
    this.#image = image
  }

  /** Whether a node that uses this namespace has to be told something before it begins. */
  concerns(node: string, namespace: string | null): boolean {
    const loaded = namespace === null ? undefined : this.#loaded.get(namespace)
    return this.#ruleset(node) !== (loaded ?? blockRuleset(node, []))
  }

  /** A node runs, or is about to, in a namespace that is there: what is blocked is blocked there. */
  async add(place: BlockedPlace, options: AbortOptions = {}): Promise<void> {
    this.#places.set(place.node, place)
    await this.#apply(place, options)
  }

  /** A node is gone, and its namespace with it, unless another container has that. */
  remove({ node, namespace }: BlockedPlace): void {
    if (this.#places.get(node)?.namespace === namespace) this.#places.delete(node)
  }

  /** Blocks these and nothing else. */
  async set(blocks: readonly Block[], options: AbortOptions = {}): Promise<void> {
    this.#blocks = blocks
    const tasks = [...this.#places.values()].map((place) => this.#apply(place, options))
    await Promise.allSettled(tasks)
    await Promise.all(tasks)
  }

  #ruleset(node: string): string {
    return blockRuleset(node, this.#blocks)
  }

  async #apply(place: BlockedPlace, { signal }: AbortOptions): Promise<void> {
    const { node, namespace } = place
    if (!this.concerns(node, namespace)) return
    const ruleset = this.#ruleset(node)
    // Until it is known to be loaded nobody knows what is.
    this.#loaded.set(namespace, '')
    try {
      await this.#load(place, ruleset, signal)
      this.#loaded.set(namespace, ruleset)
    } catch (error) {
      signal?.throwIfAborted()
      if (await isRunning(place)) throw error
      // It ended meanwhile: nobody is left who could send or hear.
      this.remove(place)
    }
  }

  async #load(
    { node, engine, namespace }: BlockedPlace,
    ruleset: string,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    signal?.throwIfAborted()
    const name = `${node}-blocks`
    const lines: string[] = []
    await using container = await createAttached(engine, {
      title: name,
      options: {
        name: engineName(this.#lab, name),
        Image: this.#image,
        Entrypoint: ['sh', '-c'],
        Cmd: [`printf '%s' "$RULESET" | nft -f - && echo '${LOADED}'`],
        Env: [`RULESET=${ruleset}`],
        User: '0',
        StopSignal: 'SIGKILL',
        Labels: labelsOf(this.#lab, 'agent', name),
        HostConfig: {
          CapAdd: ['NET_ADMIN'],
          NetworkMode: `container:${namespace}`,
          Dns: [],
          Memory: 32 * 2 ** 20,
          PidsLimit: 16,
        },
      },
    })
    createInterface({ input: container.output }).on('line', (line) => lines.push(line))
    await container.start()
    const exit = await untilAborted(signal, container.exit)
    if (lines.includes(LOADED)) return
    throw new FabricError(`What is blocked at \`${node}\` could not be loaded.`, {
      cause: container.died(exit),
    })
  }
}

/** What is printed once nft has taken the rules. */
const LOADED = 'kadlab: blocked'

async function isRunning({ engine, namespace }: BlockedPlace): Promise<boolean> {
  try {
    return (await engine.docker.getContainer(namespace).inspect()).State.Running
  } catch (error) {
    if (isGone(error)) return false
    throw error
  }
}

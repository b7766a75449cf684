import type { AgentPlace, FabricOptions } from '#orchestrator/fabric/fabric.ts'
import { createAgentClient } from '#orchestrator/probe/agent-client.ts'
import type { ProbeAgent } from '#orchestrator/probe/probe-agent.ts'
import { type AttachedContainer, createAttached } from './containers.ts'
import type { Engine } from './engine.ts'
import { PacketsDroppedByHostError } from './errors.ts'
import type { LabIdentity } from './labels.ts'
import { placedRequest } from './nodes.ts'
import type { DockerRouter } from './routers.ts'

export type DockerAgent = ProbeAgent & AsyncDisposable & { detach(): void; unref(): void }

/**
 * Starts a probe's agent; it takes requests at once. Where nothing at all answers it, and the routers on its way saw
 * nothing of what it sent, its calls reject with `PacketsDroppedByHostError`: a probe would blame a router that never
 * had a packet.
 *
 * @param way Routers from the agent outwards
 */
export async function startDockerAgent(
  engine: Engine,
  place: AgentPlace,
  lab: LabIdentity,
  image: string,
  way: readonly DockerRouter[],
): Promise<DockerAgent> {
  const container = await createAttached(engine, {
    title: place.name,
    options: {
      ...placedRequest(place, lab, 'agent', image),
      Entrypoint: ['node', '/app/agent.mjs'],
    },
  })
  const client = createAgentClient(container.output, container.input)
  try {
    await container.start()
  } catch (error) {
    await container.remove()
    throw error
  }
  const counts = new PacketCounts(place.name, way)
  const withDeath = async <T>(call: Promise<T>): Promise<T> => diesAsItself(container, call)
  return {
    reflect: (ports, options) => withDeath(client.reflect(ports, options)),
    async open(request, options) {
      const seen = await withDeath(client.open(request, options))
      if (seen.length > 0 && seen.every((each) => each === null)) await counts.check(options)
      return seen
    },
    knock: (request, options) => withDeath(client.knock(request, options)),
    reset: (options) => withDeath(client.reset(options)),
    detach: () => container.detach(),
    unref: () => container.unref(),
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]()
      await container.remove()
    },
  }
}

/** A call that fails because the container died tells of the death, not of the closed stream. */
async function diesAsItself<T>(container: AttachedContainer, call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'DisconnectedError') throw error
    throw container.died(await container.exit)
  }
}

/** How many packets each router on an agent's way had seen when last asked. */
class PacketCounts {
  readonly #sender: string
  readonly #way: readonly DockerRouter[]
  readonly #last = new Map<DockerRouter, number>()

  constructor(sender: string, way: readonly DockerRouter[]) {
    this.#sender = sender
    this.#way = way
  }

  /** @throws PacketsDroppedByHostError where what one sent on did not reach the next */
  async check({ signal }: FabricOptions = {}): Promise<void> {
    let sender = this.#sender
    for (const router of this.#way) {
      signal?.throwIfAborted()
      const count = await router.packetsFromInside()
      const before = this.#last.get(router) ?? 0
      this.#last.set(router, count)
      if (count === before) {
        throw new PacketsDroppedByHostError(sender, router.plan.name, router.plan.lan.network)
      }
      sender = router.plan.name
    }
  }
}

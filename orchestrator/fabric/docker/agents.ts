import type { AbortOptions } from '#node/base/abort-options.ts'
import type { AgentPlace } from '#orchestrator/fabric/fabric.ts'
import { createAgentClient } from '#orchestrator/probe/agent-client.ts'
import type { Endpoint, OpenRequest, ProbeAgent } from '#orchestrator/probe/probe-agent.ts'
import { type AttachedContainer, createAttached } from './containers.ts'
import type { Engine } from './engine.ts'
import { describeDrop } from './host-drops.ts'
import type { LabIdentity } from './labels.ts'
import { placedRequest } from './nodes.ts'
import { countOnWay, type CountingAgent, lossBetween } from './path-watch.ts'
import type { DockerRouter } from './routers.ts'

export type DockerAgent = ProbeAgent &
  CountingAgent & {
    detach(): void
    unref(): void
    [Symbol.asyncDispose](): Promise<void>
  }

/** What an agent's lab is made of. */
export interface AgentSurroundings {
  engine: Engine
  /** The container whose network namespace it uses; null: one of its own. */
  owner: string | null
  lab: LabIdentity
  images: { agent: string; router: string }
  routers: readonly DockerRouter[]
  /** Those of the lab that run. */
  agents: Set<DockerAgent>
}

/** How long what was lost is sent once more, in ms. */
const AGAIN_MS = 300

/**
 * Starts a probe's agent; it takes requests at once. Where nothing at all answers it, and the counts on its way show that
 * what it sent got lost between two machines, its calls reject with `PacketsDroppedByHostError`: a probe would blame a
 * router that never had a packet.
 */
export async function startDockerAgent(
  place: AgentPlace,
  around: AgentSurroundings,
): Promise<DockerAgent> {
  const { engine, owner, lab, images, agents } = around
  const container = await createAttached(engine, {
    title: place.name,
    options: {
      ...placedRequest(place, lab, 'agent', images.agent, owner),
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
  const withDeath = async <T>(call: Promise<T>): Promise<T> => diesAsItself(container, call)

  const open = async (
    request: OpenRequest,
    options: AbortOptions = {},
  ): Promise<(Endpoint | null)[]> => {
    const { protocol, to } = request
    const seen = await withDeath(client.open(request, options))
    if (seen.length === 0 || seen.some((each) => each !== null)) return seen
    // Counting takes as long as answers do, and would make silence last longer: only what got none is sent once more.
    const again = (): Promise<unknown> =>
      Promise.all(
        to.map((each) =>
          client.knock({ protocol, fromPort: null, to: each, timeoutMs: AGAIN_MS }, options),
        ),
      )
    const targets = new Set(to.map(({ address }) => address))
    const before = await countOnWay(agent, targets, around, options)
    await again()
    const after = await countOnWay(agent, targets, around, options)
    const loss = lossBetween(before, after, agent, targets, protocol)
    if (loss === null) return seen
    throw await describeDrop({ engine, lab, image: images.router, loss, again }, options)
  }

  const agent: DockerAgent = {
    place,
    counts: (options) => withDeath(client.counts(options)),
    reflect: (ports, options) => withDeath(client.reflect(ports, options)),
    open,
    knock: (request, options) => withDeath(client.knock(request, options)),
    reset: (options) => withDeath(client.reset(options)),
    detach: () => container.detach(),
    unref: () => container.unref(),
    async [Symbol.asyncDispose](): Promise<void> {
      agents.delete(agent)
      await client[Symbol.asyncDispose]()
      await container.remove()
    },
  }
  agents.add(agent)
  return agent
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

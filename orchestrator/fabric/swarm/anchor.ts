import { setTimeout as delay } from 'node:timers/promises'
import { wholeRequest } from '../docker/containers.ts'
import type { Engine } from '../docker/engine.ts'
import { engineName, labelsOf, type LabIdentity } from '../docker/labels.ts'
import { isGone, refused } from '../docker/refusals.ts'

/** How often, and how long between, an engine is asked again that does not know a network of its Swarm yet. */
const TRIES = 20
const BETWEEN_MS = 250

/**
 * Starts the container that keeps a network at an engine for as long as the lab is up. A worker knows a network of its
 * Swarm while something there is on it, and the first to join may find that it is not known yet, or not any more: that
 * must not be a router, whose streams end with a start that fails.
 *
 * @param image - of routers
 * @throws EngineRefusedError
 */
export async function anchorNetwork(
  { docker }: Engine,
  lab: LabIdentity,
  network: string,
  image: string,
): Promise<void> {
  const joined = engineName(lab, network)
  const request = wholeRequest({
    name: engineName(lab, `anchor-${network}`),
    Image: image,
    Entrypoint: ['sleep'],
    Cmd: ['infinity'],
    StopSignal: 'SIGKILL',
    Labels: labelsOf(lab, 'agent', `anchor-${network}`),
    HostConfig: { NetworkMode: joined, Memory: 32 * 2 ** 20, PidsLimit: 16 },
    NetworkingConfig: { EndpointsConfig: { [joined]: {} } },
  })
  for (let left = TRIES; ; left -= 1) {
    let id: string | null = null
    try {
      const container = await docker.createContainer(request)
      ;({ id } = container)
      await container.start()
      return
    } catch (error) {
      if (id !== null)
        await docker
          .getContainer(id)
          .remove({ force: true })
          .catch(() => {})
      if (left === 0 || !isGone(error)) throw refused(`to join the network \`${network}\``, error)
      await delay(BETWEEN_MS)
    }
  }
}

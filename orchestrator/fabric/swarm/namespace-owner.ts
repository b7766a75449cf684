import { createInterface } from 'node:readline'
import type { AbortOptions } from '#node/base/abort-options.ts'
import { untilAborted } from '#node/time/until-aborted.ts'
import { type AttachedContainer, createAttached } from '../docker/containers.ts'
import type { Engine } from '../docker/engine.ts'
import { engineName, labelsOf, type LabIdentity } from '../docker/labels.ts'
import { WayOutError } from './errors.ts'
import { findStrays } from './strays.ts'

/** Where on a lab's networks a namespace stands. */
export interface NamespacePlace {
  network: string
  subnet: string
  address: string
  gateway: string
}

/** What an owner prints once the route is set. */
const READY = 'kadlab: routed'

/**
 * Starts the small container that owns a network namespace and has set its route: an internal network gives none, and a
 * node may set none. Whatever is started in that namespace needs no right at all.
 *
 * @returns the container; what it prints shows that it has no interface but that of its network
 * @throws WayOutError where it has
 */
export async function startNamespaceOwner(
  engine: Engine,
  lab: LabIdentity,
  place: NamespacePlace,
  image: string,
  { signal }: AbortOptions = {},
): Promise<AttachedContainer> {
  const name = `at-${place.address}`
  const network = engineName(lab, place.network)
  const container = await createAttached(engine, {
    title: name,
    options: {
      name: engineName(lab, name),
      Image: image,
      Entrypoint: ['sh', '-c'],
      Cmd: [
        [
          'set -eu',
          'while ip route del default 2>/dev/null; do :; done',
          `ip route replace default via ${place.gateway}`,
          'ip -o -4 addr',
          'ip -4 route',
          `echo '${READY}'`,
          'exec sleep infinity',
        ].join('\n'),
      ],
      User: '0',
      StopSignal: 'SIGKILL',
      Labels: labelsOf(lab, 'agent', name),
      HostConfig: {
        CapAdd: ['NET_ADMIN'],
        Memory: 32 * 2 ** 20,
        PidsLimit: 16,
        NetworkMode: network,
      },
      NetworkingConfig: {
        EndpointsConfig: { [network]: { IPAMConfig: { IPv4Address: place.address } } },
      },
    },
  })
  const lines: string[] = []
  const ready = Promise.withResolvers<void>()
  createInterface({ input: container.output }).on('line', (line) => {
    if (line === READY) ready.resolve()
    else lines.push(line)
  })
  await container.start()
  const exit = await untilAborted(signal, Promise.race([ready.promise, container.exit]))
  if (exit !== undefined) throw container.died(exit)
  const strays = findStrays(lines, [place.subnet])
  if (strays.length > 0) throw new WayOutError(name, engine.endpoint.host, strays)
  return container
}

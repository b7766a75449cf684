import type { ContainerCreateOptions } from 'dockerode'
import type { FabricEvent, NodeStartOptions } from '#orchestrator/fabric/fabric.ts'
import type { NodePlan } from '#orchestrator/plan/plan-type.ts'
import { GATE, type ProcessNode, runNode } from '../running-node.ts'
import type { Blocking } from './blocking.ts'
import { createAttached } from './containers.ts'
import type { Engine } from './engine.ts'
import { engineName, labelsOf, type LabIdentity } from './labels.ts'
import type { NodeProgram } from './program.ts'
import { handedKey } from './swarm-key.ts'

/** Where a node keeps what outlives it: the image makes the folder and gives it to the node's user. */
const DATA_FOLDER = '/data'

/** Bytes that a node, or an agent, may take: what floods one must not take the machine from the others. */
const NODE_MEMORY = 512 * 2 ** 20

/** Processes and threads of one container: Node has a dozen. */
const NODE_PIDS = 128

/** Owner of what a node may write: the user `node` of the base image. */
const NODE_USER = 'uid=1000,gid=1000'

/** A node's, or an agent's, place in the lab. */
export interface Place {
  name: string
  network: string
  address: string
}

/**
 * The engine's request for a container at one address of one of the lab's networks, with no privilege at all.
 *
 * @param owner - the container whose network namespace it uses; null: one of its own
 */
export function placedRequest(
  place: Place,
  lab: LabIdentity,
  role: 'node' | 'agent',
  image: string,
  owner: string | null = null,
): ContainerCreateOptions & { name: string } {
  const network = engineName(lab, place.network)
  return {
    name: engineName(lab, place.name),
    Image: image,
    Labels: labelsOf(lab, role, place.name),
    ...(owner === null ? { Hostname: place.name } : {}),
    HostConfig: {
      // Whose namespace is another's has that one's name servers.
      ...(owner === null
        ? { NetworkMode: network }
        : { NetworkMode: `container:${owner}`, Dns: [] }),
      Memory: NODE_MEMORY,
      PidsLimit: NODE_PIDS,
      Tmpfs: {
        '/tmp': 'rw,noexec,nosuid,size=16m',
        '/run/kadlab': `rw,noexec,nosuid,size=1m,${NODE_USER}`,
      },
    },
    ...(owner === null
      ? {
          NetworkingConfig: {
            EndpointsConfig: { [network]: { IPAMConfig: { IPv4Address: place.address } } },
          },
        }
      : {}),
  }
}

/** The engine's request for a node. */
export function nodeRequest(
  node: NodePlan,
  lab: LabIdentity,
  image: string,
  program: NodeProgram,
  company: readonly NodePlan[] | null,
  owner: string | null = null,
): ContainerCreateOptions & { name: string } {
  const request = placedRequest(node, lab, 'node', image, owner)
  const environment = program.environment(node, company)
  const keepsData = environment['DATA_DIR'] !== undefined
  return {
    ...request,
    Cmd: program.arguments(node),
    Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    HostConfig: {
      ...request.HostConfig,
      // What a node wrote is there again after a restart, which is a new container.
      ...(keepsData
        ? {
            Mounts: [
              {
                Type: 'volume' as const,
                Source: engineName(lab, `${node.name}-data`),
                Target: DATA_FOLDER,
                VolumeOptions: {
                  NoCopy: false,
                  Labels: labelsOf(lab, 'data', node.name),
                  DriverConfig: { Name: 'local', Options: {} },
                },
              },
            ],
          }
        : {}),
    },
  }
}

export interface NodeStart extends NodeStartOptions {
  engine: Engine
  lab: LabIdentity
  /** The container whose network namespace it uses; null: one of its own. */
  owner: string | null
  node: NodePlan
  program: NodeProgram
  image: string
  /** The nodes of the lab, where people are going to look into it; else null. */
  company: readonly NodePlan[] | null
  /** Another may have its name until it begins. */
  ahead: boolean
  blocking: Blocking
  onEvent: (event: FabricEvent) => void
}

/** A running node, and what the lab needs of it beside its public face. */
export interface DockerNode extends ProcessNode {
  /** Commands in its container for people. */
  readonly commands: readonly string[]
}

/**
 * Starts a node; resolves when it listens.
 *
 * @throws ContainerDiedError where it ends before, with its last log lines
 */
export async function startDockerNode(start: NodeStart): Promise<DockerNode> {
  const { engine, lab, owner, node, program, image, company, ahead, blocking, onEvent } = start
  const { signal } = start
  signal?.throwIfAborted()
  const key = await handedKey(node.name, node.env)
  const placed = { ...node, env: { ...node.env, ...key?.environment } }
  const request = nodeRequest(placed, lab, image, program, company, owner)
  // What is blocked is blocked before its first packet.
  const isGated = start.when !== undefined || blocking.concerns(node.name, owner)
  const container = await createAttached(engine, {
    title: node.name,
    options: {
      ...request,
      name: ahead ? `${request.name}-next` : request.name,
      ...(isGated || key !== null
        ? { Entrypoint: [...(isGated ? GATE : []), ...(key?.entry ?? []), ...program.command] }
        : {}),
    },
    onLogLine: (line) => onEvent({ type: 'node-log', node: node.name, line }),
  })
  const place = { node: node.name, engine, namespace: owner ?? container.id }
  const begun = Promise.withResolvers<void>()
  const takeTurn = async (): Promise<void> => {
    await Promise.all([begun.promise, start.when])
    if (ahead) await container.rename(request.name)
    await blocking.add(place, { signal })
  }
  const turn = takeTurn()
  turn.catch(() => {})
  const running = await runNode({
    name: node.name,
    process: container,
    api: program.connect(container.output, container.input),
    begin: async () => {
      await container.start()
      begun.resolve()
      if (!isGated) await turn
    },
    onEvent,
    ...(signal === undefined ? {} : { signal }),
    when: isGated ? turn : undefined,
    ...(key === null ? {} : { firstLine: key.firstLine }),
  })
  void container.exit.then(() => blocking.remove(place))
  return Object.assign(running, { commands: program.commands })
}

import type { ContainerCreateOptions } from 'dockerode'
import type { NodeEvent } from '#node/events/node-event.ts'
import type { FabricEvent, LabNode, NodeStartOptions } from '#orchestrator/fabric/fabric.ts'
import type { NodePlan } from '#orchestrator/plan/plan-type.ts'
import { type AttachedContainer, createAttached, LAST_LINES } from './containers.ts'
import type { Engine } from './engine.ts'
import { engineName, labelsOf, type LabIdentity } from './labels.ts'
import type { AttachedPeer, NodeProgram } from './program.ts'
import { untilAborted } from './until-aborted.ts'

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

/** The engine's request for a container at one address of one of the lab's networks, with no privilege at all. */
export function placedRequest(
  place: Place,
  lab: LabIdentity,
  role: 'node' | 'agent',
  image: string,
): ContainerCreateOptions & { name: string } {
  const network = engineName(lab, place.network)
  return {
    name: engineName(lab, place.name),
    Hostname: place.name,
    Image: image,
    Labels: labelsOf(lab, role, place.name),
    HostConfig: {
      NetworkMode: network,
      Memory: NODE_MEMORY,
      PidsLimit: NODE_PIDS,
      Tmpfs: {
        '/tmp': 'rw,noexec,nosuid,size=16m',
        '/run/kadlab': `rw,noexec,nosuid,size=1m,${NODE_USER}`,
      },
    },
    NetworkingConfig: {
      EndpointsConfig: { [network]: { IPAMConfig: { IPv4Address: place.address } } },
    },
  }
}

/** The engine's request for a node. */
export function nodeRequest(
  node: NodePlan,
  lab: LabIdentity,
  image: string,
  program: NodeProgram,
  company: readonly NodePlan[] | null,
): ContainerCreateOptions & { name: string } {
  const request = placedRequest(node, lab, 'node', image)
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

/** Holds a program back until a line comes on its standard input. */
const GATE = ['sh', '-c', 'read -r _ && exec "$@"', 'sh']

export interface NodeStart extends NodeStartOptions {
  engine: Engine
  lab: LabIdentity
  node: NodePlan
  program: NodeProgram
  image: string
  /** The nodes of the lab, where people are going to look into it; else null. */
  company: readonly NodePlan[] | null
  onEvent: (event: FabricEvent) => void
}

/** A running node, and what the lab needs of it beside its public face. */
export interface DockerNode extends LabNode {
  /** Commands in its container for people. */
  readonly commands: readonly string[]
  /** Lets go of it and leaves it running. */
  detach(): Promise<void>
  /** Keeps it at hand; it no longer keeps this process from ending. */
  unref(): void
}

/**
 * Starts a node; resolves when it listens.
 *
 * @throws ContainerDiedError where it ends before, with its last log lines
 */
export async function startDockerNode(start: NodeStart): Promise<DockerNode> {
  const { engine, lab, node, program, image, company, onEvent, signal, when } = start
  signal?.throwIfAborted()
  const gate = when === undefined ? {} : { Entrypoint: [...GATE, ...program.command] }
  const container = await createAttached(engine, {
    title: node.name,
    options: { ...nodeRequest(node, lab, image, program, company), ...gate },
    onLogLine: (line) => onEvent({ type: 'node-log', node: node.name, line }),
  })
  const running = new RunningNode(
    node.name,
    program.commands,
    container,
    program.connect(container.output, container.input),
  )
  try {
    const listening = running.follow(onEvent)
    await container.start()
    if (when !== undefined) {
      await untilAborted(signal, when)
      container.input.write('\n')
    }
    const exit = await untilAborted(signal, Promise.race([listening, container.exit]))
    if (exit !== undefined) throw container.died(exit)
    running.tellExit(onEvent)
    return running
  } catch (error) {
    await running.abandon()
    throw error
  }
}

class RunningNode implements DockerNode {
  readonly name: string
  readonly commands: readonly string[]
  readonly api: AttachedPeer
  startedAtMs = 0
  listeningAtMs = 0
  readonly #container: AttachedContainer
  /** Set once it is ended, or let go of, on purpose. */
  #released = false
  #stopping: Promise<void> | null = null

  constructor(
    name: string,
    commands: readonly string[],
    container: AttachedContainer,
    api: AttachedPeer,
  ) {
    this.name = name
    this.commands = commands
    this.api = api
    this.#container = container
  }

  /** Hands its events on; resolves at the first address that it listens on. */
  follow(onEvent: (event: FabricEvent) => void): Promise<undefined> {
    const listening = Promise.withResolvers<undefined>()
    const pump = async (): Promise<void> => {
      for await (const event of this.api.events({ since: 0 })) {
        onEvent({ type: 'node-event', node: this.name, event })
        if (event.event === 'listening' && this.listeningAtMs === 0) {
          this.#stamp(event)
          listening.resolve(undefined)
        }
      }
    }
    pump().catch((error: unknown) => {
      listening.reject(error)
    })
    return listening.promise
  }

  /** From now on its end is news, unless it was asked for. */
  tellExit(onEvent: (event: FabricEvent) => void): void {
    const tell = async (): Promise<void> => {
      const { exitCode } = await this.#container.exit
      if (this.#released) return
      const lastLines = this.#container.logLines().slice(-LAST_LINES)
      onEvent({ type: 'node-exit', node: this.name, exitCode, lastLines })
    }
    void tell()
  }

  stop(): Promise<void> {
    this.#released = true
    this.#stopping ??= (async () => {
      await this.#container.stop()
      await this.api[Symbol.asyncDispose]()
    })()
    return this.#stopping
  }

  /** Removes it at once. */
  async abandon(): Promise<void> {
    this.#released = true
    await this.#container.remove()
    await this.api[Symbol.asyncDispose]()
  }

  async detach(): Promise<void> {
    this.#released = true
    this.#container.detach()
    await this.api[Symbol.asyncDispose]()
  }

  unref(): void {
    this.#container.unref()
  }

  log(): string {
    return this.#container
      .logLines()
      .map((line) => `${line}\n`)
      .join('')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  /** The node's own clock tells when its process began: the engine answers after that, by an unknown time. */
  #stamp(event: NodeEvent): void {
    this.listeningAtMs = performance.now()
    this.startedAtMs = this.listeningAtMs - event.ms
  }
}

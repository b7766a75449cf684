import { randomBytes } from 'node:crypto'
import type { AbortOptions } from '#node/base/abort-options.ts'
import { KadlabError } from '#node/base/errors.ts'
import { BUILT_IN } from '#node/base/sources.ts'
import { systemClock } from '#node/time/clock.ts'
import type {
  Availability,
  CleanOptions,
  Fabric,
  Lab,
  LabOptions,
} from '#orchestrator/fabric/fabric.ts'
import { COMPOSE_SUBNETS } from '#orchestrator/net/reserved.ts'
import type { Plan } from '#orchestrator/plan/plan-type.ts'
import type { CallLimits } from './bounded-calls.ts'
import { cleanImages } from './clean-images.ts'
import { cleanLabs } from './clean.ts'
import { connectEngine, type Engine } from './engine.ts'
import { oneEngine } from './ground.ts'
import { createImages } from './lab-images.ts'
import { startDockerLab } from './lab.ts'
import { takenSubnets } from './networks.ts'
import { currentOwner } from './owner.ts'
import type { NodeProgram } from './program.ts'

export interface DockerFabricOptions {
  /** Names the engine (`DOCKER_HOST`, `DOCKER_CONTEXT`, ...) and the base images. Default: the process's own. */
  env?: Readonly<Record<string, string | undefined>>
  /** Folder of kadlab's sources, from which images are built. Default: these. */
  root?: string
  /** How long the engine may take. Default `CALL_LIMITS`. */
  limits?: CallLimits
  /** Programs that nodes may run beside `kadlab`, or instead of it, by name. */
  programs?: Readonly<Record<string, NodeProgram>>
}

/** Labs of containers on a Docker engine, behind routers whose kernel translates addresses. */
export function createDockerFabric(options: DockerFabricOptions = {}): Fabric {
  const env = options.env ?? process.env
  const root = options.root ?? BUILT_IN
  const makeImages = createImages(root, env, options.programs)

  let engine: Engine | null = null
  const connect = async (signal?: AbortSignal): Promise<Engine> =>
    (engine ??= await connectEngine({
      env,
      ...(options.limits === undefined ? {} : { limits: options.limits }),
      ...(signal === undefined ? {} : { signal }),
    }))

  return {
    name: 'docker',

    async probe({ signal }: AbortOptions = {}): Promise<Availability> {
      try {
        const { kind, version, endpoint } = await connect(signal)
        return {
          available: true,
          detail: `${kind} ${version} at ${endpoint.host} (${endpoint.source})`,
          engine: version,
        }
      } catch (error) {
        if (!(error instanceof KadlabError)) throw error
        return { available: false, detail: error.message, engine: null }
      }
    },

    async takenSubnets({ signal }: AbortOptions = {}): Promise<string[]> {
      return [...COMPOSE_SUBNETS, ...(await takenSubnets(await connect(signal), signal))]
    },

    async start(plan: Plan, labOptions: LabOptions): Promise<Lab> {
      const { signal, onEvent } = labOptions
      const engine = await connect(signal)
      engine.calls.relax()
      // Nothing that a given up run still asks of the engine may take long.
      signal?.addEventListener('abort', () => engine.calls.hurry(), { once: true })
      const onProgress = (text: string): void => onEvent({ type: 'progress', text })
      const identity = {
        id: randomBytes(4).toString('hex'),
        scenario: plan.scenario,
        owner: await currentOwner(),
      }
      signal?.throwIfAborted()
      const images = makeImages(engine, plan, {
        onProgress,
        signal,
      })
      const routerImage = images.then(({ router }) => router)
      routerImage.catch(() => {})
      const ground = oneEngine(engine, plan, identity, routerImage)
      return startDockerLab({ ...labOptions, ground, plan, identity, images })
    },

    withClock: (_seed, body) => body(systemClock),

    async clean({
      kept,
      lab = null,
      images = false,
      onLeft,
      signal,
    }: CleanOptions): Promise<string[]> {
      const call = signal === undefined ? {} : { signal }
      const connected = await connect(signal)
      const labs = await cleanLabs(connected, {
        kept,
        lab,
        ...(onLeft === undefined ? {} : { onLeft }),
        ...call,
      })
      return [...labs, ...(images ? await cleanImages(connected, call) : [])]
    },
  }
}

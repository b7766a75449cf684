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
import { cleanImages } from '../docker/clean-images.ts'
import { connectEngine, type Engine } from '../docker/engine.ts'
import { EngineUnavailableError } from '../docker/errors.ts'
import { createImages } from '../docker/lab-images.ts'
import { type LabImages, startDockerLab } from '../docker/lab.ts'
import { takenSubnets } from '../docker/networks.ts'
import { currentOwner } from '../docker/owner.ts'
import { connectSwarm, readEngines, type SwarmEngine } from './engines-file.ts'
import { checkKernels } from './kernel-look.ts'
import { loadImages } from './load-images.ts'
import { checkPlan } from './overlay.ts'
import { cleanSwarmLabs } from './swarm-clean.ts'
import { createSwarmGround } from './swarm-ground.ts'

export interface SwarmFabricOptions {
  /** File that names the engines, one a line, a manager first; null: none. */
  enginesFile: string | null
  /** Names the base images, and the engine that builds. Default: the process's own. */
  env?: Readonly<Record<string, string | undefined>>
  /** Folder of kadlab's sources, from which images are built. Default: these. */
  root?: string
}

/** Labs of containers spread over the engines of a Docker Swarm, on overlay networks that have no way out. */
export function createSwarmFabric(options: SwarmFabricOptions): Fabric {
  const env = options.env ?? process.env
  const makeImages = createImages(options.root ?? BUILT_IN, env)

  let engines: SwarmEngine[] | null = null
  const connect = async (signal?: AbortSignal): Promise<SwarmEngine[]> =>
    (engines ??= await connectSwarm(await readEngines(options.enginesFile), env, { signal }))

  /** The engine that the user builds on; where there is none, the manager. */
  const builderOf = async (manager: Engine, signal: AbortSignal | undefined): Promise<Engine> => {
    try {
      return await connectEngine({ env, signal })
    } catch (error) {
      if (!(error instanceof EngineUnavailableError)) throw error
      return manager
    }
  }

  return {
    name: 'swarm',

    async probe({ signal }: AbortOptions = {}): Promise<Availability> {
      try {
        const all = await connect(signal)
        const [manager] = all
        const version = manager?.engine.version ?? null
        const places = all.map(({ name }) => name).join(', ')
        return { available: true, detail: `${all.length} engines: ${places}`, engine: version }
      } catch (error) {
        if (!(error instanceof KadlabError)) throw error
        return { available: false, detail: error.message, engine: null }
      }
    },

    async takenSubnets({ signal }: AbortOptions = {}): Promise<string[]> {
      const all = await connect(signal)
      const taken = await Promise.all(all.map(({ engine }) => takenSubnets(engine, signal)))
      return [...new Set([...COMPOSE_SUBNETS, ...taken.flat()])]
    },

    async start(plan: Plan, labOptions: LabOptions): Promise<Lab> {
      const { signal, onEvent } = labOptions
      signal?.throwIfAborted()
      checkPlan(plan)
      const all = await connect(signal)
      for (const { engine } of all) engine.calls.relax()
      const hurry = (): void => {
        for (const { engine } of all) engine.calls.hurry()
      }
      // Nothing that a given up run still asks of an engine may take long.
      signal?.addEventListener('abort', hurry, { once: true })
      const lab = {
        id: randomBytes(4).toString('hex'),
        scenario: plan.scenario,
        owner: await currentOwner(),
      }
      signal?.throwIfAborted()
      const ready = async (): Promise<LabImages> => {
        const [manager] = all
        const builder = await builderOf((manager as SwarmEngine).engine, signal)
        const how = { onProgress: (text: string) => onEvent({ type: 'progress', text }), signal }
        const made = await makeImages(builder, plan, how)
        await loadImages(builder, made, all, how)
        await checkKernels(all, lab, made.router, { signal })
        return made
      }
      const images = ready()
      const routerImage = images.then(({ router }) => router)
      routerImage.catch(() => {})
      const onLost = (engine: string, error: string): void =>
        onEvent({ type: 'engine-lost', engine, error })
      const ground = createSwarmGround({ engines: all, plan, lab, routerImage, onLost })
      return startDockerLab({ ...labOptions, ground, plan, identity: lab, images })
    },

    withClock: (_seed, body) => body(systemClock),

    async clean({ kept, lab = null, images = false, onLeft, signal }: CleanOptions) {
      const all = await connect(signal)
      const call = signal === undefined ? {} : { signal }
      const left = onLeft === undefined ? {} : { onLeft }
      const lines = await cleanSwarmLabs(all, { kept, lab, ...left, ...call })
      if (!images) return lines
      for (const { engine } of all) lines.push(...(await cleanImages(engine, call)))
      return lines
    },
  }
}

import type { FabricName } from '#orchestrator/scenario/fabrics.ts'
import type { Fabric } from '../fabric/fabric.ts'

/** What the user says of the ground on which a lab is to stand. */
export interface FabricGround {
  /** File that names the engines of a Swarm; null: none. Default null. */
  engines?: string | null
}

/** Makes a fabric. */
export type FabricLoader = (name: FabricName, ground?: FabricGround) => Promise<Fabric>

/** Each fabric is loaded only where it is used (dockerode and libp2p are large). */
const LOADERS: Readonly<Record<FabricName, (ground: FabricGround) => Promise<Fabric>>> = {
  sim: async () => (await import('../fabric/sim/sim-fabric.ts')).createSimFabric(),
  netns: async () => (await import('../fabric/netns/netns-fabric.ts')).createNetnsFabric(),
  docker: async () => (await import('../fabric/docker/docker-fabric.ts')).createDockerFabric(),
  swarm: async ({ engines = null }) =>
    (await import('../fabric/swarm/swarm-fabric.ts')).createSwarmFabric({ enginesFile: engines }),
}

export const loadFabric: FabricLoader = (name, ground = {}) => LOADERS[name](ground)

/** A loader that knows the engines of a Swarm. */
export function onEngines(load: FabricLoader, engines: string | null): FabricLoader {
  return (name) => load(name, { engines })
}

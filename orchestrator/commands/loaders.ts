import type { FabricName } from '#orchestrator/scenario/fabrics.ts'
import type { Fabric } from '../fabric/fabric.ts'

/** Makes a fabric. */
export type FabricLoader = (name: FabricName) => Promise<Fabric>

/** Each fabric is loaded only where it is used (dockerode and libp2p are large). */
const LOADERS: Readonly<Record<FabricName, () => Promise<Fabric>>> = {
  sim: async () => (await import('../fabric/sim/sim-fabric.ts')).createSimFabric(),
  netns: async () => (await import('../fabric/netns/netns-fabric.ts')).createNetnsFabric(),
  docker: async () => (await import('../fabric/docker/docker-fabric.ts')).createDockerFabric(),
}

export const loadFabric: FabricLoader = (name) => LOADERS[name]()

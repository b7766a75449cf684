import type { ContainerCreateOptions } from 'dockerode'
import { createDockerFabric } from '#orchestrator/fabric/docker/docker-fabric.ts'
import { connectEngine, type Engine } from '#orchestrator/fabric/docker/engine.ts'
import type { Lab } from '#orchestrator/fabric/fabric.ts'
import type { Plan } from '#orchestrator/topology/plan-type.ts'
import { medianCallMs } from './calls.ts'
import { type Figure, figure } from './figure.ts'
import { planOfTwo } from './plan.ts'

/** A lab's start against the bare engine, and what its nodes cost. */
export async function measureDocker(runs: number): Promise<Figure[]> {
  const fabric = createDockerFabric()
  const engine = await connectEngine({ env: process.env })
  const plan = await planOfTwo(await fabric.takenSubnets())
  const ratios: number[] = []
  const upMs: number[] = []
  const residentBytes: number[] = []
  const callMs: number[] = []
  for (let count = 0; count <= runs; count += 1) {
    const startedMs = performance.now()
    await using lab = await fabric.start(plan, { onEvent: () => {} })
    const nodes = await startNodes(lab, plan)
    const labMs = performance.now() - startedMs
    const created = await describe(engine, lab.id)
    for (const { api, startedAtMs, listeningAtMs } of nodes) {
      upMs.push(listeningAtMs - startedAtMs)
      callMs.push(await medianCallMs(async () => api.status()))
      residentBytes.push((await api.status()).residentBytes)
    }
    await lab.stop()
    const bareMs = await startBare(engine, created, count)
    // The first pair warms the engine.
    if (count > 0) ratios.push(labMs / bareMs)
  }
  return [
    figure("docker: a lab's start against the bare engine", 'ratio', ratios, 1.3),
    figure('docker: a node process from its start to listening', 'ms', upMs, 200),
    figure('docker: resident memory of a node', 'bytes', residentBytes, 85e6),
    figure('docker: a call to a node', 'ms', callMs, 2),
  ]
}

async function startNodes(lab: Lab, plan: Plan) {
  const nodes = plan.variants[0]?.nodes ?? []
  return Promise.all(nodes.map((node) => lab.startNode(node)))
}

interface Created {
  networks: { Name: string; Subnet: string; Gateway: string; Options: Record<string, string> }[]
  /** In the order in which a lab starts them: routers, then nodes. */
  waves: ContainerCreateOptions[][]
}

/** What the lab asked the engine for, read back from the engine. */
async function describe({ docker }: Engine, id: string): Promise<Created> {
  const filters = { label: [`kadlab.lab=${id}`] }
  const networks = await docker.listNetworks({ filters })
  const containers = await docker.listContainers({ all: true, filters })
  const inspected = await Promise.all(
    containers.map(async ({ Id }) => docker.getContainer(Id).inspect()),
  )
  const request = (each: (typeof inspected)[number]): ContainerCreateOptions => ({
    Image: each.Config.Image,
    Entrypoint: ['sleep'],
    Cmd: ['60'],
    StopSignal: 'SIGKILL',
    HostConfig: each.HostConfig,
    NetworkingConfig: {
      EndpointsConfig: Object.fromEntries(
        Object.entries(each.NetworkSettings.Networks).map(([name, { IPAMConfig }]) => [
          name,
          { IPAMConfig },
        ]),
      ),
    },
  })
  const isRouter = (each: (typeof inspected)[number]): boolean =>
    each.HostConfig.CapAdd?.some((name: string) => name.endsWith('NET_ADMIN')) ?? false
  return {
    networks: networks.map(({ Name, IPAM, Options }) => ({
      Name,
      Subnet: IPAM?.Config?.[0]?.Subnet ?? '',
      Gateway: IPAM?.Config?.[0]?.Gateway ?? '',
      Options: Options ?? {},
    })),
    waves: [inspected.filter(isRouter), inspected.filter((each) => !isRouter(each))].map((wave) =>
      wave.map(request),
    ),
  }
}

/** The same networks and containers straight through the engine's API, as many at a time as the lab. */
async function startBare({ docker }: Engine, created: Created, run: number): Promise<number> {
  const labels = { 'kadlab.bench': String(run) }
  const startedMs = performance.now()
  const networks = await Promise.all(
    created.networks.map(async ({ Name, Subnet, Gateway, Options }) =>
      docker.createNetwork({
        Name,
        Labels: labels,
        Options,
        IPAM: { Driver: 'default', Config: [{ Subnet, Gateway }] },
      }),
    ),
  )
  const containers = []
  for (const wave of created.waves) {
    containers.push(
      ...(await Promise.all(
        wave.map(async (options) => {
          const container = await docker.createContainer({ ...options, Labels: labels })
          await container.start()
          return container
        }),
      )),
    )
  }
  const elapsedMs = performance.now() - startedMs
  await Promise.all(containers.map(async (container) => container.remove({ force: true, v: true })))
  await Promise.all(networks.map(async (network) => network.remove()))
  return elapsedMs
}

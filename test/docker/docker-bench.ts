import assert from 'node:assert/strict'
import { createLinesClient } from '#node/api/lines/client.ts'
import { findRemains, type LabRemains } from '#orchestrator/fabric/docker/clean.ts'
import { createDockerFabric } from '#orchestrator/fabric/docker/docker-fabric.ts'
import { connectEngine, type Engine } from '#orchestrator/fabric/docker/engine.ts'
import type { NodeProgram } from '#orchestrator/fabric/docker/program.ts'
import type { Fabric, FabricEvent, Lab } from '#orchestrator/fabric/fabric.ts'
import type { NodePlan, Plan } from '#orchestrator/plan/plan-type.ts'
import { twoClouds } from './plans.ts'

/** The engine that the tests run on. */
export async function testEngine(): Promise<Engine> {
  return connectEngine({ env: process.env })
}

/** Everything at the engine that this process has made and not removed. */
export async function ownRemains(engine: Engine): Promise<LabRemains[]> {
  const remains = await findRemains(engine, null)
  return remains.filter(({ identity }) => identity.owner.pid === process.pid)
}

/** A program that is a script for Node: what a test needs a node to do, without the weight of a real one. */
export function scriptProgram(script: string): NodeProgram {
  return {
    image: async () => process.env['NODE_IMAGE'] ?? 'node:24-bookworm-slim',
    command: [],
    arguments: () => ['node', '-e', script],
    commands: ['shell'],
    environment: (node) => node.env,
    connect: createLinesClient,
  }
}

/** Says that it listens, and stays until it is told to end. */
export const LISTENING_SCRIPT = `
  console.log(JSON.stringify({ event: 'listening', address: '/ip4/127.0.0.1/tcp/1', seq: 1, ms: 1 }))
  process.stdin.resume()
  process.on('SIGTERM', () => process.exit(0))
`

/** Programs of the tests' nodes, by name. */
export const PROGRAMS: Record<string, NodeProgram> = {
  listens: scriptProgram(LISTENING_SCRIPT),
  dies: scriptProgram(`
    for (let i = 1; i <= 30; i += 1) console.error('line ' + i)
    console.error('there is no floor here')
    process.exitCode = 7
  `),
  'dies-later': scriptProgram(`
    console.log(JSON.stringify({ event: 'listening', address: '/ip4/127.0.0.1/tcp/1', seq: 1, ms: 1 }))
    process.stdin.once('data', () => { console.error('that was too much'); process.exit(9) })
  `),
  'never-listens': scriptProgram(`process.stdin.resume()`),
}

export function testFabric(): Fabric {
  return createDockerFabric({ programs: PROGRAMS })
}

/** A plan whose subnets nobody has, as far as the engine knows now. */
export async function freePlan(
  fabric: Fabric,
  program = 'kadlab',
  not: number[] = [],
): Promise<Plan> {
  const taken = await fabric.takenSubnets()
  for (let octet = 200; octet > 100; octet -= 1) {
    const plan = twoClouds(octet, program)
    const free = plan.networks.every(({ subnet }) => !taken.includes(subnet))
    if (free && !not.includes(octet)) return plan
  }
  throw new Error('no subnet is free')
}

/** A lab of two clouds, and what it told. */
export interface TestLab extends AsyncDisposable {
  fabric: Fabric
  plan: Plan
  lab: Lab
  /** The first event of a kind, past or to come. */
  told(type: FabricEvent['type']): Promise<FabricEvent>
  a: NodePlan
  b: NodePlan
}

export async function startTwoClouds(program = 'kadlab', keep = false): Promise<TestLab> {
  const fabric = testFabric()
  const plan = await freePlan(fabric, program)
  const firsts = new Map<string, PromiseWithResolvers<FabricEvent>>()
  const first = (type: string): PromiseWithResolvers<FabricEvent> => {
    const known = firsts.get(type) ?? Promise.withResolvers<FabricEvent>()
    firsts.set(type, known)
    return known
  }
  const lab = await fabric.start(plan, {
    onEvent: (event) => first(event.type).resolve(event),
    keep,
  })
  const [a, b] = plan.variants[0]?.nodes ?? []
  assert.ok(a && b)
  return {
    fabric,
    plan,
    lab,
    a,
    b,
    told: async (type) => first(type).promise,
    [Symbol.asyncDispose]: async () => lab.stop(),
  }
}

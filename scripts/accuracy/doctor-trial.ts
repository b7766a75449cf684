import { join } from 'node:path'
import type { Diagnosis } from '#node/doctor/diagnosis.ts'
import { reachOf } from '#node/judgement/multiaddr-facts.ts'
import type { AgentPlace } from '#orchestrator/fabric/fabric.ts'
import { startNetnsLab } from '#orchestrator/fabric/netns/lab.ts'
import {
  type LabProgram,
  labPrograms,
  type LabPrograms,
} from '#orchestrator/fabric/netns/programs.ts'
import { createForeignPeer } from '#orchestrator/foreign/foreign-peer.ts'
import type { NodePlan, Plan, VariantPlan } from '#orchestrator/plan/plan-type.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { factsOf, type World, worldOf } from '#orchestrator/truth/dials.ts'
import { strangerCell, type TrueCell } from '#orchestrator/truth/expected-cell.ts'
import { type DoctorCase, doctorScenario, OBSERVER } from './doctor-cases.ts'

/** Last byte of the first address at which a doctor stands. */
const FIRST_FREE = 100

/** One examination: what must be so, and what the doctor said. */
export interface Examination extends DoctorCase {
  /** The NAT preset that the peer is behind. */
  preset: string
  truth: Pick<TrueCell, 'rung' | 'cause'>
  /** `nothing` where its words could not be read. */
  seen: { rung: string; cause: string | null }
}

/** Starts a case's peers in namespaces, and has each examined by a doctor on the internet. */
export async function examineAll(each: DoctorCase, signal: AbortSignal): Promise<Examination[]> {
  const [plan] = planScenario(doctorScenario(each), { seed: 1, sameSubnets: true })
  const variant = plan?.variants[0]
  if (plan === undefined || variant === undefined) throw new RangeError('there is nothing to run')
  const peers = variant.nodes.filter(({ name }) => name !== OBSERVER)
  const observer = variant.nodes.find(({ name }) => name === OBSERVER)
  if (observer === undefined) throw new RangeError('expected an observer in the plan')
  const world = worldFor(each, plan, variant)
  const programs = programsOf(plan, each, signal)
  await using lab = await startNetnsLab({ plan, id: 'doctor', programs, signal, onEvent: () => {} })
  await Promise.all(peers.map(async (peer) => lab.startNode(peer, { signal })))
  const examine = async (peer: NodePlan, index: number): Promise<Examination> => {
    const address = factsOf(world, OBSERVER).bootstrap.find((one) => one.endsWith(peer.peerId))
    if (address === undefined) throw new RangeError('expected an address of each peer')
    const truth = strangerCell(world, OBSERVER, peer.name, address)
    const words = ['doctor', address, '--json']
    const { printed } = await lab.runAt(besides(observer, index), words, { signal })
    return { ...each, preset: peer.site, truth, seen: seenIn(printed) }
  }
  return await Promise.all(peers.map(examine))
}

/** What is so of the peers of a case. */
function worldFor({ program }: DoctorCase, plan: Plan, variant: VariantPlan): World {
  const world = worldOf(plan, variant)
  if (program !== 'stock-js') return world
  const facts = variant.nodes.map((node) => {
    const fact = factsOf(world, node.name)
    return [
      node.name,
      node.name === OBSERVER ? fact : { ...fact, announced: stockTells(node) },
    ] as const
  })
  return { ...world, facts: new Map(facts) }
}

/**
 * js-libp2p tells of what it is told to tell of, and of its interfaces' private addresses: a public one is unverified until
 * AutoNAT has seen it, which is no part of it as it comes (libp2p/address-manager/transport-addresses.js).
 */
function stockTells({ address, env }: NodePlan): string[] {
  const port = env['LISTEN_PORT'] ?? '3000'
  const own = ['127.0.0.1', address]
    .map((host) => `/ip4/${host}/tcp/${port}`)
    .filter((one) => reachOf(one) !== 'public')
  const { PUBLIC_IP: told } = env
  return told === undefined ? own : [...own, `/ip4/${told}/tcp/${port}`]
}

async function programsOf(
  plan: Plan,
  { program }: DoctorCase,
  signal: AbortSignal,
): Promise<LabPrograms> {
  const options = { onProgress: (text: string) => console.error(text), signal }
  if (program !== 'stock-js') return labPrograms(plan, options)
  const kadlabs = await labPrograms({ ...plan, variants: [] }, options)
  const names = plan.variants.flatMap(({ nodes }) => nodes.map((node) => node.program))
  return { ...kadlabs, nodes: new Map(names.map((name) => [name, STOCK])) }
}

/** js-libp2p as it comes. */
const STOCK: LabProgram = {
  words: [process.execPath, join(import.meta.dirname, '../bench/kv/stock-peer.ts')],
  environment: ({ env }) => env,
  connect: createForeignPeer,
}

/** One of several places on the observer's network, none of which the plan uses. */
function besides({ network, address, gateway }: NodePlan, index: number): AgentPlace {
  const free = address.replace(/\d+$/, String(FIRST_FREE + index))
  return { name: `${OBSERVER}-${index}`, network, address: free, gateway }
}

/** Whether the doctor said what must be so. */
export function isRight({ truth, seen }: Examination): boolean {
  return truth.rung === seen.rung && truth.cause === seen.cause
}

function seenIn(printed: string): Examination['seen'] {
  try {
    const { sighting } = JSON.parse(printed) as Diagnosis
    return { rung: sighting.rung, cause: sighting.cause }
  } catch {
    return { rung: 'nothing', cause: 'nothing' }
  }
}

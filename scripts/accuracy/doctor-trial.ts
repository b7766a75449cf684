import type { Diagnosis } from '#node/doctor/diagnosis.ts'
import type { AgentPlace } from '#orchestrator/fabric/fabric.ts'
import { startNetnsLab } from '#orchestrator/fabric/netns/lab.ts'
import { labPrograms } from '#orchestrator/fabric/netns/programs.ts'
import type { NodePlan } from '#orchestrator/plan/plan-type.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { factsOf, worldOf } from '#orchestrator/truth/dials.ts'
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
  const world = worldOf(plan, variant)
  const programs = labPrograms(plan, { onProgress: (text) => console.error(text), signal })
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

import { isDeepStrictEqual } from 'node:util'
import type { RemedyAction } from '#node/judgement/causes.ts'
import { deriveIdentity, peerIdOf } from '../plan/identity.ts'
import type { NodePlan, Plan, RouterPlan, VariantPlan } from '../plan/plan-type.ts'

/** Networks, routers and one variant's nodes. */
export interface Patient {
  readonly seed: number
  readonly networks: Plan['networks']
  readonly routers: readonly RouterPlan[]
  readonly nodes: readonly NodePlan[]
}

/** A plan's variant as what remedies are applied to. */
export function patientOf(plan: Plan, { nodes }: Pick<VariantPlan, 'nodes'>): Patient {
  return { seed: plan.seed, networks: plan.networks, routers: plan.routers, nodes }
}

/** Joins actions; of two that contradict each other (one variable, two values) the first stays. */
export function merged(actions: readonly RemedyAction[]): RemedyAction[] {
  const all: RemedyAction[] = []
  for (const action of actions) {
    if (!('set' in action)) {
      if (!all.some((other) => isDeepStrictEqual(other, action))) all.push(action)
      continue
    }
    const known = all.find((other) => 'set' in other && other.on === action.on)
    if (known !== undefined && 'set' in known) known.set = { ...action.set, ...known.set }
    else all.push({ on: action.on, set: { ...action.set } })
  }
  return all
}

/** The patient as it is once everything was done. */
export function applied(patient: Patient, actions: readonly RemedyAction[]): Patient {
  const routers = structuredClone(patient.routers) as RouterPlan[]
  const nodes = structuredClone(patient.nodes) as NodePlan[]
  for (const action of actions) {
    if ('router' in action) treatRouter(routers, nodes, action)
    else if ('start' in action) treatNode(nodes, action.on, (node) => (node.autostart = true))
    else treatNode(nodes, action.on, (node) => set(node, action.set, patient.seed))
  }
  return { ...patient, routers, nodes }
}

function treatRouter(
  routers: readonly RouterPlan[],
  nodes: readonly NodePlan[],
  action: Extract<RemedyAction, { router: string }>,
): void {
  const nat = routers.find(({ name }) => name === action.router)?.nat
  if (nat === undefined) return
  if ('hairpin' in action) nat.hairpin = true
  else if ('allow' in action) {
    if (nat.allow.every(({ port }) => port !== action.allow)) {
      nat.allow.push({ protocol: 'tcp', port: action.allow })
    }
  } else {
    const { port, to, toPort } = action.forward
    const address = nodes.find(({ name }) => name === to)?.address
    if (address !== undefined) nat.forwards.push({ protocol: 'tcp', port, to: address, toPort })
  }
}

function treatNode(
  nodes: readonly NodePlan[],
  name: string,
  treat: (node: NodePlan) => void,
): void {
  const node = nodes.find((each) => each.name === name)
  if (node !== undefined) treat(node)
}

function set(node: NodePlan, values: Readonly<Record<string, string | null>>, seed: number): void {
  for (const [variable, value] of Object.entries(values)) {
    if (value === null) {
      delete node.settings[variable]
      delete node.env[variable]
    } else {
      node.settings[variable] = value
      node.env[variable] = value
    }
    if (variable !== 'IDENTITY_SEED') continue
    const identitySeed = value ?? deriveIdentity(seed, node.name).identitySeed
    Object.assign(node, { identitySeed, peerId: peerIdOf(identitySeed) })
    node.env['IDENTITY_SEED'] = identitySeed
  }
}

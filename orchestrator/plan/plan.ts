import { isDeepStrictEqual } from 'node:util'
import { KadlabError } from '#node/base/errors.ts'
import type { Scenario } from '#orchestrator/scenario/schema.ts'
import type { Fault } from '#orchestrator/words/fault.ts'
import { type Cidr, formatCidr, networkOf, parseAddress } from '../net/addresses.ts'
import { lastFreeAddresses } from '../net/free-addresses.ts'
import { effectiveVariants, type EffectiveVariant } from '../scenario/effective.ts'
import { planSteps } from '../words/steps/steps.ts'
import { type NetworkTable, planNetworks } from './plan-networks.ts'
import { planNodes } from './plan-nodes.ts'
import { planRouters } from './plan-routers.ts'
import type { NetworkPlan, NodePlan, Plan, RouterPlan, VariantPlan } from './plan-type.ts'
import { outsideAddresses } from './router-addresses.ts'

export interface PlanOptions {
  /** Whole number from 0; the same seed gives the same identities. */
  seed: number
  /** CIDRs that other networks hold; planned networks keep away from them. Default none. */
  taken?: readonly string[]
  /** Whether two sites may have one subnet. Default false. */
  sameSubnets?: boolean
  /** Plan these variants only. Default all. */
  variants?: readonly string[]
}

/** The scenario cannot be planned: addresses do not fit, or something names what is not there. */
export class PlanError extends KadlabError {
  static override readonly name = 'PlanError'
  readonly faults: readonly Fault[]

  constructor(faults: readonly Fault[]) {
    super(faults.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'))
    this.faults = faults
  }
}

/**
 * Decides every address, identity and environment value of a scenario: a pure function of its arguments.
 *
 * Variants that follow each other and need the same networks and routers come in one plan; the variants' order in the
 * file is kept over all plans.
 *
 * @throws PlanError with all faults at once
 */
export function planScenario(scenario: Scenario, options: PlanOptions): Plan[] {
  const { seed, variants: wanted } = options
  const faults = new FaultList()
  const plans: Plan[] = []
  for (const variant of effectiveVariants(scenario)) {
    if (wanted !== undefined && !wanted.includes(variant.name)) continue
    const planned = planVariant(variant, options, (fault) => {
      faults.add(inVariant(fault, variant, scenario))
    })
    const last = plans.at(-1)
    if (
      last !== undefined &&
      isDeepStrictEqual([last.networks, last.routers], [planned.networks, planned.routers])
    ) {
      last.variants.push(planned.variant)
    } else {
      plans.push({
        scenario: scenario.name,
        seed,
        networks: planned.networks,
        routers: planned.routers,
        variants: [planned.variant],
      })
    }
  }
  if (faults.all.length > 0) throw new PlanError(faults.all)
  return plans
}

function planVariant(
  variant: EffectiveVariant,
  { seed, taken = [], sameSubnets = false }: PlanOptions,
  onFault: (fault: Fault) => void,
): { networks: NetworkPlan[]; routers: RouterPlan[]; variant: VariantPlan } {
  const { scenario, name, title } = variant
  const takenCidrs = taken.flatMap((text): Cidr[] => {
    const cidr = networkOf(text)
    return cidr === null ? [] : [cidr]
  })
  const table = planNetworks(scenario, { taken: takenCidrs, sameSubnets }, onFault)
  const { routers, places } = planRouters(scenario, table, onFault)
  const nodes = planNodes(scenario, places, seed, onFault)
  const readdress = readdressing(table, routers, nodes)
  const steps = variant.steps.flatMap(({ step, index }) => {
    const path = [...variant.stepsPath, index, 'to']
    const publicAddress = (router: string, wished: string | null): string =>
      readdress(router, wished, path)
    return planSteps([step], { routers, nodes, publicAddress })
  })
  return { networks: table.networks, routers, variant: { name, title, nodes, steps } }
}

/** Gives routers other addresses of the internet, one step after the other; what one gives up is free for others. */
function readdressing(
  { internet }: NetworkTable,
  routers: readonly RouterPlan[],
  nodes: readonly NodePlan[],
): (router: string, wished: string | null, path: Fault['path']) => string {
  const held = new Map(routers.map((router) => [router.name, outsideAddresses(router)]))
  const taken = new Set([
    ...[...held.values()].flat(),
    ...nodes.map(({ publicAddress }) => publicAddress),
  ])
  /** What nobody has had yet. */
  const next = (router: string): string => {
    const [address = ''] = lastFreeAddresses(formatCidr(internet.subnet), taken, 1)
    return internet.keep((parseAddress(address) ?? 0) - internet.subnet.base, `${router}'s`)
  }
  return (router, wished, path) => {
    const address =
      wished === null ? next(router) : (internet.claim(wished, `${router}'s`, path) ?? wished)
    for (const old of held.get(router) ?? []) internet.release(old)
    held.set(router, [address])
    taken.add(address)
    return address
  }
}

/** A fault of something that the variant changed stands at the change. */
function inVariant(fault: Fault, variant: EffectiveVariant, scenario: Scenario): Fault {
  let at: unknown = scenario.variants?.[variant.name]
  for (const key of fault.path) {
    at = typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined
  }
  if (at === undefined) return fault
  return { ...fault, path: ['variants', variant.name, ...fault.path] }
}

/** Faults without repetition: what the variants share is planned once for each. */
class FaultList {
  readonly all: Fault[] = []
  readonly #seen = new Set<string>()

  add(fault: Fault): void {
    const key = JSON.stringify([fault.path, fault.message])
    if (this.#seen.has(key)) return
    this.#seen.add(key)
    this.all.push(fault)
  }
}

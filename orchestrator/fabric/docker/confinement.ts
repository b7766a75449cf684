import type { AbortOptions } from '#node/base/abort-options.ts'
import type { Plan } from '#orchestrator/plan/plan-type.ts'
import type { Engine } from './engine.ts'
import { LabNotConfinedError } from './errors.ts'
import { lookAtHost } from './host-look.ts'
import type { LabIdentity } from './labels.ts'
import { gatewayAddress } from './networks.ts'
import type { DockerRouter } from './routers.ts'
import { findWaysOut } from './ways-out.ts'

export interface ConfinementCheck {
  engine: Engine
  plan: Plan
  lab: LabIdentity
  /** Of routers: it has what the look needs. */
  image: string
  routers: readonly DockerRouter[]
}

/**
 * Looks whether a lab's networks are what the engine was asked for: with no way to the host, and so none out of the
 * machine. A router asks whether anybody answers at the gateway that the internet's network must not have; where none
 * can ask, the host's addresses, routes and rules are looked at.
 *
 * @throws LabNotConfinedError where there is a way out, or where nobody could look
 */
export async function checkConfinement(
  check: ConfinementCheck,
  { signal }: AbortOptions = {},
): Promise<void> {
  const { engine, plan, lab, image, routers } = check
  const gateway = await whoIsGateway(plan, routers)
  // The engine makes all networks of a lab by the same options: one that has no gateway speaks for them. The host is
  // looked at where nobody could ask, or somebody answered: then by what the way leads out.
  const seen =
    gateway.asked && gateway.holder === null
      ? null
      : await lookAtHost(engine, lab, image, { signal })
  const ways = seen === null || 'detail' in seen ? [] : findWaysOut(seen, plan.networks)
  if (gateway.holder !== null) {
    ways.push(
      `somebody answers at ${gateway.address}, the gateway of the internet's network (${gateway.holder})`,
    )
  }
  const place = `${engine.kind} ${engine.version} at ${engine.endpoint.host}`
  if (ways.length > 0) throw new LabNotConfinedError(place, ways)
  if (seen !== null && 'detail' in seen && !gateway.asked) {
    throw new LabNotConfinedError(place, [`nobody can look: ${seen.detail}`])
  }
}

interface Gateway {
  address: string
  /** Whether anybody could ask. */
  asked: boolean
  /** The hardware address of whoever has it; null: nobody. */
  holder: string | null
}

/** Asks from a router that stands on the internet, by ARP: one datagram to the discard port of that address. */
async function whoIsGateway(plan: Plan, routers: readonly DockerRouter[]): Promise<Gateway> {
  const internet = plan.networks.find(({ gateway }) => gateway === null)
  const router = routers.find(({ plan: each }) => each.wan.network === internet?.name)
  if (internet === undefined || router === undefined) {
    return { address: '', asked: false, holder: null }
  }
  const address = gatewayAddress(internet, plan)
  return { address, ...(await router.neighbour(address)) }
}

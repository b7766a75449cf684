import type { NatConfig } from '#orchestrator/net/nat.ts'
import type { Plan, RouterPlan } from '#orchestrator/plan/plan-type.ts'

/** The networks of a variant as its steps have made them so far. */
export interface ChangingGround {
  readonly networks: Plan['networks']
  readonly routers: readonly RouterPlan[]
  /** @throws RangeError where there is no such router */
  router(name: string): RouterPlan
  setNat(router: string, nat: NatConfig): void
  /** The routers that are not as the plan has them any more, as the plan has them. */
  changed(): RouterPlan[]
}

/** @param onChange called after each change */
export function createGround(
  { networks, routers: planned }: Pick<Plan, 'networks' | 'routers'>,
  onChange: () => void,
): ChangingGround {
  let routers: readonly RouterPlan[] = planned
  return {
    networks,
    get routers() {
      return routers
    },
    router(name) {
      const found = routers.find((router) => router.name === name)
      if (found === undefined) throw new RangeError(`the plan has no router ${name}`)
      return found
    },
    setNat(name, nat) {
      routers = routers.map((router) => (router.name === name ? { ...router, nat } : router))
      onChange()
    },
    changed: () => planned.filter((router, index) => routers[index] !== router),
  }
}

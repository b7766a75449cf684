import type { RouterPlan } from '#orchestrator/plan/plan-type.ts'

/** Ports of a NAT proof's agents, all below the systems' ephemeral ones. */
export interface ProbePorts {
  /** Of every reflector. */
  reflectors: [number, number]
  /** Of the inside agent. */
  mapping: number
  filtering: number
  hairpin: [number, number]
  /** One that no security group lists. */
  shut: number
}

const FIRST = 20_000
const LAST = 32_000
const STEP = 100
/** How many ports one choice takes. */
const WIDTH = 16

/**
 * Chooses ports that no rule of these routers speaks of: a rule of the scenario's own would be measured in place of what
 * a preset does.
 *
 * @throws RangeError where rules stand everywhere
 */
export function chooseProbePorts(routers: readonly RouterPlan[]): ProbePorts {
  const used = routers.flatMap(({ nat }) => [
    ...nat.allow.map(({ port }) => port),
    ...nat.forwards.flatMap(({ port, toPort }) => [port, toPort]),
  ])
  for (let base = FIRST; base < LAST; base += STEP) {
    if (used.some((port) => port >= base && port < base + WIDTH)) continue
    return {
      reflectors: [base + 1, base + 2],
      mapping: base + 11,
      filtering: base + 12,
      hairpin: [base + 13, base + 14],
      shut: base + 15,
    }
  }
  throw new RangeError(`expected ports from ${FIRST} to ${LAST} that no rule speaks of, saw none`)
}

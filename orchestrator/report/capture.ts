import { captureHead, capturedPacket } from '#orchestrator/capture/pcapng.ts'
import type { Plan } from '#orchestrator/plan/plan-type.ts'
import type { RunPacket } from '#orchestrator/run/run.ts'

/** Writes a run's packets as one capture: an interface for each network of each plan. */
export class Capture {
  readonly #epochMs: number
  readonly #write: (bytes: Uint8Array) => void
  #plan: Plan | null = null

  /** @param epochMs - when the run began: milliseconds since 1970 */
  constructor(epochMs: number, write: (bytes: Uint8Array) => void) {
    this.#epochMs = epochMs
    this.#write = write
  }

  onPacket({ plan, network, bytes, atMs }: RunPacket): void {
    if (this.#plan !== plan) {
      // A plan has networks of its own: another section of the file.
      this.#write(
        captureHead(`${plan.scenario}, seed ${plan.seed}`, interfacesOf(plan), namesOf(plan)),
      )
      this.#plan = plan
    }
    const at = plan.networks.findIndex(({ name }) => name === network)
    this.#write(capturedPacket(at, this.#epochMs + atMs, bytes))
  }
}

function interfacesOf({ networks }: Plan): { name: string; about: string }[] {
  return networks.map(({ name, subnet }) => ({ name, about: `network ${name}, ${subnet}` }))
}

/** Nodes and routers by their addresses; an address that several have (two sites with one subnet) has all names. */
function namesOf({ variants, routers }: Plan): [string, string][] {
  const names = new Map<string, Set<string>>()
  const add = (address: string, name: string): void => {
    names.set(address, (names.get(address) ?? new Set()).add(name))
  }
  for (const { nodes } of variants) for (const node of nodes) add(node.address, node.name)
  for (const { name, wan, lan } of routers) {
    for (const address of [wan.address, ...wan.furtherAddresses, lan.address]) add(address, name)
  }
  return [...names].map(([address, all]) => [address, [...all].join('-or-')])
}

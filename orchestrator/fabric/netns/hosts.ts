import type { NetworkPlan } from '#orchestrator/plan/plan-type.ts'
import { FabricError } from '../errors.ts'
import type { Namespaces } from './namespaces.ts'
import { type Cables, hostScript, type Plug, removalScript } from './network-script.ts'

/** The hosts of a lab on which something runs: one at each address. */
export class Hosts {
  readonly #namespaces: Namespaces
  readonly #networks: NetworkPlan[]
  readonly #cables: Cables
  /** Networks and addresses that are somebody's. */
  readonly #taken = new Set<string>()

  constructor(namespaces: Namespaces, networks: NetworkPlan[], cables: Cables) {
    this.#namespaces = namespaces
    this.#networks = networks
    this.#cables = cables
  }

  /**
   * Makes a host at an address; disposing of it removes it. Twice does no harm.
   *
   * @throws FabricError where the address is somebody's
   */
  async add(host: string, plug: Plug & { gateway: string | null }): Promise<AsyncDisposable> {
    const key = `${plug.network} ${plug.address}`
    if (this.#taken.has(key)) {
      throw new FabricError(
        `\`${host}\` cannot have ${plug.address} on \`${plug.network}\`: it is somebody's already.`,
      )
    }
    this.#taken.add(key)
    try {
      await this.#namespaces.runScript(
        `making ${host}`,
        hostScript(host, plug, this.#networks, this.#cables),
      )
    } catch (error) {
      this.#taken.delete(key)
      throw error
    }
    let removal: Promise<void> | null = null
    const remove = async (): Promise<void> => {
      // With the namespaces everything in them has ended.
      if (!this.#namespaces.isEnding) {
        await this.#namespaces.runScript(`removing ${host}`, removalScript(host))
      }
      this.#taken.delete(key)
    }
    return { [Symbol.asyncDispose]: () => (removal ??= remove()) }
  }
}

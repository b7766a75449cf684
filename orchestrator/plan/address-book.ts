import type { Fault } from '#orchestrator/words/fault.ts'
import {
  type Cidr,
  contains,
  formatAddress,
  formatCidr,
  parseAddress,
  sizeOf,
} from '../net/addresses.ts'

/** First host number that is handed out: below it are the gateway and the router's own address. */
const FIRST_HOST = 10
/** So many host numbers stay free at the top, where the network is a /24 or larger, for the agents of NAT proofs. */
const SPARE = 56
const SPARES_FROM = 256

export const GATEWAY_HOST = 1
export const ROUTER_HOST = 2

/**
 * Who has which address of one network. A network may have been moved away from where the scenario wished it;
 * addresses that the scenario names move with it and keep their host number.
 */
export interface AddressBook {
  readonly subnet: Cidr
  /** The address with this host number, for whom it is kept. */
  keep(host: number, owner: string): string
  /** The address that the scenario names, as it is after the move; null, with a fault, where it cannot be had. */
  claim(wished: string, owner: string, path: Fault['path']): string | null
  /** Nobody has this address any more. */
  release(address: string): void
  /** The next free address; null, with a fault, where none is left. */
  next(owner: string, path: Fault['path']): string | null
}

export interface AddressBookOptions {
  /** Where the scenario put the network, and where it is. */
  wished: Cidr
  subnet: Cidr
  /** What the network is called in messages. */
  label: string
  /**
   * Host numbers from which addresses are handed out in turn: the starts of as many address groups. Default: the network's
   * own start alone.
   */
  groups?: readonly number[]
  onFault: (fault: Fault) => void
}

export function createAddressBook(options: AddressBookOptions): AddressBook {
  const { wished, subnet, label, groups = [0], onFault } = options
  const owners = new Map<number, string>()
  const size = sizeOf(subnet)
  const end = size >= SPARES_FROM ? size - SPARE : size - 1
  const first = end > FIRST_HOST ? FIRST_HOST : ROUTER_HOST + 1
  const room = (groups[1] ?? end) - first
  /** How many were looked at: one of each group, then the next of each. */
  let turn = 0
  const hostAt = (at: number): number =>
    (groups[at % groups.length] ?? 0) + first + Math.floor(at / groups.length)
  const isOver = (): boolean => turn >= room * groups.length || hostAt(turn) >= end

  function take(host: number, owner: string): string {
    owners.set(host, owner)
    return formatAddress(subnet.base + host)
  }

  return {
    subnet,
    keep: take,
    claim(text, owner, path) {
      const address = parseAddress(text)
      if (address === null || !contains(wished, address)) {
        onFault({
          path,
          message: `expected an address of ${label} (${formatCidr(wished)}), saw ${text}`,
        })
        return null
      }
      const host = address - wished.base
      const taken =
        host === 0
          ? "the network's own address"
          : host === size - 1
            ? 'the broadcast address'
            : owners.get(host)
      if (taken !== undefined) {
        onFault({
          path,
          message: `expected a free address of ${label}, saw ${text}: it is ${taken}`,
        })
        return null
      }
      return take(host, owner)
    },
    release(text) {
      owners.delete((parseAddress(text) ?? -1) - subnet.base)
    },
    next(owner, path) {
      while (!isOver() && owners.has(hostAt(turn))) turn++
      if (isOver()) {
        onFault({
          path,
          message: `${label} (${formatCidr(subnet)}) has no address left for ${owner}: give it a larger subnet`,
        })
        return null
      }
      return take(hostAt(turn), owner)
    },
  }
}

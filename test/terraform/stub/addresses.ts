import { firstBlock, text, texts } from './ids.ts'
import type { Entry, Ledger } from './ledger.ts'
import type { Values } from './values.ts'

export interface Addresses {
  /** A public address that was never given before, so that one sees who keeps its own: 20.50.0.10 and up. */
  nextPublic(): string
  /** The first free address of a NIC's subnet, from .4 on, as Azure gives them. */
  nextPrivate(nic: Values): string
}

/** Gives the addresses of the stub's Azure. */
export function createAddresses(ledger: Ledger): Addresses {
  let last = 9
  // An address is given when the resource is asked for, and held when it is stored: in between, others ask too.
  const given = new Set<string>()
  return {
    nextPublic() {
      const type = 'azurerm_public_ip'
      // Those too that came with a state: nobody gave them here.
      const taken = attributes([...ledger.all(type), ...ledger.gone(type)], 'ip_address')
      do last += 1
      while (taken.includes(`20.50.0.${last}`))
      return `20.50.0.${last}`
    },
    nextPrivate(nic) {
      const subnet = ledger.get(text(firstBlock(nic, 'ip_configuration')['subnet_id']))
      const [range = ''] = texts(subnet?.values['address_prefixes'])
      const [, prefix = '', first] = /^(.*\.)(\d+)\//.exec(range) ?? []
      const taken = attributes(ledger.all('azurerm_network_interface'), 'private_ip_address')
      for (let host = Number(first) + 4; ; host += 1) {
        const address = `${prefix}${host}`
        const key = `${text(nic['location'])} ${address}`
        if (taken.includes(address) || given.has(key)) continue
        given.add(key)
        return address
      }
    },
  }
}

function attributes(entries: readonly Entry[], attribute: string): string[] {
  return entries.map(({ values }) => text(values[attribute]))
}

import { createHash, createHmac } from 'node:crypto'
import { groupId, idOf, text } from './ids.ts'
import type { Entry, Ledger } from './ledger.ts'
import { refuse } from './refusal.ts'
import type { Values } from './values.ts'

type Reader = (ledger: Ledger, config: Values) => Values

function signature(_ledger: Ledger, config: Values): Values {
  const key = /AccountKey=([^;]+)/.exec(text(config['connection_string']))?.[1] ?? ''
  const query = `sv=2018-11-09&sr=c&st=${text(config['start'])}&se=${text(config['expiry'])}&sp=r&spr=https`
  const signed = createHmac('sha256', Buffer.from(key, 'base64')).update(query)
  const sas = `?${query}&sig=${encodeURIComponent(signed.digest('base64'))}`
  return { ...config, id: createHash('sha256').update(sas).digest('hex'), sas }
}

function found(ledger: Ledger, id: string): Entry {
  return ledger.get(id) ?? refuse('NotFound', `${id} was not found.`)
}

const READERS: Readonly<Record<string, Reader>> = {
  azurerm_storage_account_blob_container_sas: signature,
  azurerm_resource_group(ledger, config) {
    const id = groupId(text(config['name']))
    const { location, tags } = found(ledger, id).values
    return { ...config, id, location, tags }
  },
  azurerm_virtual_machine(ledger, config) {
    const id = idOf('azurerm_linux_virtual_machine', config)
    const { values, hardware } = found(ledger, id)
    const power_state = hardware?.running === true ? 'running' : 'deallocated'
    return { ...config, id, location: values['location'], power_state }
  },
  azurerm_managed_disk(ledger, config) {
    const id = idOf('azurerm_managed_disk', config)
    const disks = ledger
      .all('azurerm_linux_virtual_machine')
      .flatMap(({ values }) => values['os_disk'] as Values[])
    const disk = disks.find((candidate) => candidate['id'] === id)
    if (disk === undefined) return refuse('NotFound', `${id} was not found.`)
    return { ...config, id, disk_size_gb: disk['disk_size_gb'] }
  },
  azurerm_resources(ledger, config) {
    const resources = ledger.contentsOf(text(config['resource_group_name'])).map(({ values }) => ({
      id: values['id'],
      name: values['name'],
      type: /providers\/([^/]+\/[^/]+)\//.exec(text(values['id']))?.[1] ?? '',
      location: values['location'],
      resource_group_name: values['resource_group_name'],
      tags: values['tags'] ?? {},
    }))
    return { ...config, id: 'resources', resources }
  },
}

/** What a data source gives. */
export function readData(ledger: Ledger, type: string, config: Values): Values {
  const reader = READERS[type]
  if (reader === undefined) throw new Error(`the stub reads no ${type}`)
  return reader(ledger, config)
}

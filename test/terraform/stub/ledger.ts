import { groupId, keyOf, parentOf } from './ids.ts'
import type { Values } from './values.ts'

/** What a virtual machine has beyond its attributes. */
export interface Hardware {
  running: boolean
  /** Another number after each replacement: what was stored on the disk before is gone. */
  disk: number
  /** How often it was stopped and started again. */
  restarts: number
}

/** One thing that exists. */
export interface Entry {
  type: string
  values: Values
  hardware?: Hardware
}

/** What Azure holds: every resource that exists, by its id in lower case, since Azure's ids have no case. */
export class Ledger {
  #entries = new Map<string, Entry>()
  // What was deleted is not found again, even if a state still has it.
  #deleted = new Set<string>()
  #gone: Entry[] = []
  #disks = 0

  /** A resource by its id, unless it is an association. */
  get(id: string): Entry | undefined {
    return this.#entries.get(id.toLowerCase())
  }

  has(type: string, id: unknown): boolean {
    return this.#entries.has(keyOf(type, id))
  }

  /** Everything of a type. */
  all(type: string): Entry[] {
    return [...this.#entries.values()].filter((entry) => entry.type === type)
  }

  /** Everything of a type that was deleted, as it last was, though its id may be in use again. */
  gone(type: string): readonly Entry[] {
    return this.#gone.filter((entry) => entry.type === type)
  }

  /** Holds a resource, new or with new attributes. */
  put(type: string, values: Values): Entry {
    const key = keyOf(type, values['id'])
    const known = this.#entries.get(key)
    if (known !== undefined) {
      known.values = values
      return known
    }
    const entry: Entry = { type, values }
    if (type === 'azurerm_linux_virtual_machine') {
      entry.hardware = { running: true, disk: ++this.#disks, restarts: 0 }
    }
    this.#entries.set(key, entry)
    this.#deleted.delete(key)
    return entry
  }

  /** What there is of a resource that a state has; one that comes from elsewhere is taken over, a deleted one is not. */
  adopt(type: string, values: Values): Entry | undefined {
    const key = keyOf(type, values['id'])
    if (this.#deleted.has(key)) return undefined
    return this.#entries.get(key) ?? this.put(type, values)
  }

  /** Deletes a resource with all that is a part of it: a network's subnets, a security group's rules. */
  delete(type: string, id: unknown): void {
    this.#delete(keyOf(type, id))
  }

  #delete(key: string): void {
    const parts = [...this.#entries.keys()].filter((other) => parentOf(other) === key)
    for (const part of parts) this.#delete(part)
    const entry = this.#entries.get(key)
    if (entry !== undefined) this.#gone.push(entry)
    this.#entries.delete(key)
    this.#deleted.add(key)
  }

  /** What stands in a resource group and is no part of something else. */
  contentsOf(group: string): Entry[] {
    const prefix = `${groupId(group)}/providers/`.toLowerCase()
    return [...this.#entries.entries()]
      .filter(([key]) => key.startsWith(prefix) && parentOf(key) === null)
      .map(([, entry]) => entry)
  }

  /** A copy of everything, for `restore`. */
  snapshot(): () => void {
    const [entries, deleted] = [structuredClone(this.#entries), new Set(this.#deleted)]
    const gone = structuredClone(this.#gone)
    return () => {
      this.#entries = structuredClone(entries)
      this.#gone = structuredClone(gone)
      this.#deleted = new Set(deleted)
    }
  }
}

import type { History, Seen } from './history.ts'

/** A node that runs, as one who looks what it reads. */
export interface Reader {
  name: string
  /** Of its present life. */
  reader: string
  /** What it reads under a key; null where it was not answered. */
  look: (key: string) => Promise<Seen | null>
}

/** What is wrong with what nodes read once faults have stopped: each is answered, at the newest, and all alike. */
export async function unsettledKeys(
  history: History,
  keys: readonly string[],
  readers: () => readonly Reader[],
): Promise<string[]> {
  const wrong: string[] = []
  for (const key of keys) {
    const versions = new Set<string | null>()
    for (const { name, reader, look } of readers()) {
      const seen = await look(key)
      if (seen === null) {
        wrong.push(`${name} is not answered about ${key}`)
        continue
      }
      history.read(key, reader, seen)
      versions.add(seen.version)
      const fault = history.settled(key, name, seen)
      if (fault !== null) wrong.push(fault)
    }
    if (versions.size > 1) wrong.push(`nodes differ about ${key}: ${[...versions].join(', ')}`)
  }
  return wrong
}

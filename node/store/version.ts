import { peerIdFromString } from '@libp2p/peer-id'
import { InvalidVersionError } from './errors.ts'

/** When and by whom a record was written: what orders records of one key. */
export interface Version {
  /** Milliseconds since the epoch, by the writer's hybrid clock. */
  readonly timeMs: number
  /** Orders what was written in one millisecond. */
  readonly counter: number
  /** The writer's peer id, as text. */
  readonly writer: string
}

/** Below 0 where `one` is older than `other`; writers decide where the time is the same. */
export function compareVersions(one: Version, other: Version): number {
  if (one.timeMs !== other.timeMs) return one.timeMs - other.timeMs
  if (one.counter !== other.counter) return one.counter - other.counter
  if (one.writer === other.writer) return 0
  return Buffer.compare(writerBytes(one.writer), writerBytes(other.writer))
}

/** Peer ids that are kept in both of their forms: there are far fewer writers than records. */
const MAX_WRITERS = 1000
const bytesByWriter = new Map<string, Uint8Array>()

/** The bytes of a peer id that envelopes carry: its multihash. */
export function writerBytes(writer: string): Uint8Array {
  const known = bytesByWriter.get(writer)
  if (known !== undefined) return known
  const { bytes } = peerIdFromString(writer).toMultihash()
  bytesByWriter.set(writer, bytes)
  const [oldest] = bytesByWriter.keys()
  if (bytesByWriter.size > MAX_WRITERS && oldest !== undefined) bytesByWriter.delete(oldest)
  return bytes
}

/** A version as text, as `1767225600000-0-12D3Koo…`. */
export function versionText({ timeMs, counter, writer }: Version): string {
  return `${timeMs}-${counter}-${writer}`
}

/**
 * The version that a text stands for.
 *
 * @throws InvalidVersionError where it stands for none
 */
export function parseVersion(text: string): Version {
  const [, time, counter, writer = ''] = /^(\d{1,15})-(\d{1,10})-(\w{1,128})$/.exec(text) ?? []
  try {
    const version = { timeMs: Number(time), counter: Number(counter), writer }
    writerBytes(writer)
    return version
  } catch (cause) {
    throw new InvalidVersionError(
      `expected a version such as 1767225600000-0-12D3Koo…, saw ${JSON.stringify(text)}`,
      { cause },
    )
  }
}

import { isEnvelope, openEnvelope } from './envelope.ts'
import type { GetOutcome } from './outcomes.ts'
import { versionText } from './version.ts'

/**
 * What a peer of another implementation, which knows no envelopes, holds under a record key: the value of an envelope
 * that is its writer's, or the plain bytes. Null for a deletion.
 *
 * @throws InvalidRecordError for an envelope that nobody signed so
 */
export function foreignValue(
  record: Uint8Array,
  bytes: Uint8Array,
): Pick<GetOutcome, 'value' | 'version' | 'writer'> | null {
  if (!isEnvelope(bytes)) return { value: bytes, version: null, writer: null }
  const { value, version } = openEnvelope(record, bytes)
  return value === null ? null : { value, version: versionText(version), writer: version.writer }
}

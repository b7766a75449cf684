import { KadlabError } from '../base/errors.ts'

/** Bytes that are not the protobuf message they should be. */
export class ProtobufError extends KadlabError {
  static override readonly name = 'ProtobufError'
}

const VARINT = 0
const FIXED_64 = 1
const BYTES = 2
const FIXED_32 = 5

/**
 * Reads the fields of one protobuf message in their order: numbers of varints (0 to 2^53 - 1) and views of the bytes of
 * length-delimited fields; fields of fixed width are passed over.
 *
 * @throws ProtobufError where the bytes end too early, or hold what proto3 does not know.
 */
export function readFields(
  message: Uint8Array,
  onField: (number: number, value: number | Uint8Array) => void,
): void {
  let at = 0
  const varint = (): number => {
    let value = 0
    let factor = 1
    for (;;) {
      const byte = message[at]
      if (byte === undefined) throw new ProtobufError('the message ends inside of a number')
      at += 1
      value += (byte & 0x7f) * factor
      if (byte < 0x80) break
      factor *= 128
      if (factor > 2 ** 63) throw new ProtobufError('a number has more than 10 bytes')
    }
    return value
  }
  const skip = (bytes: number): void => {
    at += bytes
    if (at > message.byteLength) throw new ProtobufError('the message ends inside of a field')
  }
  while (at < message.byteLength) {
    const tag = varint()
    const number = Math.floor(tag / 8)
    const type = tag % 8
    // As protobuf forbids: what is nothing but zeros is no message.
    if (number === 0) throw new ProtobufError('expected a field number from 1 on, saw 0')
    if (type === VARINT) onField(number, varint())
    else if (type === BYTES) {
      const length = varint()
      const start = at
      skip(length)
      onField(number, message.subarray(start, at))
    } else if (type === FIXED_64) skip(8)
    else if (type === FIXED_32) skip(4)
    else throw new ProtobufError(`expected a field of type 0, 1, 2 or 5, saw ${type}`)
  }
}

/** One length-delimited field. */
export function bytesField(number: number, bytes: Uint8Array): Uint8Array[] {
  return [...tagAndNumber(number, BYTES, bytes.byteLength), bytes]
}

/** One field of a number; none for 0, which is what an absent one means. */
export function numberField(number: number, value: number): Uint8Array[] {
  return value === 0 ? [] : tagAndNumber(number, VARINT, value)
}

function tagAndNumber(number: number, type: number, value: number): Uint8Array[] {
  return [varintBytes(number * 8 + type), varintBytes(value)]
}

/** @param value 0 to 2^53 - 1 */
export function varintBytes(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  while (rest > 0x7f) {
    bytes.push((rest % 128) | 0x80)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
  return Uint8Array.from(bytes)
}

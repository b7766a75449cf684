/** A network of a capture. */
export interface CaptureInterface {
  name: string
  about: string
}

/** Raw IP, without a frame around it: LINKTYPE_RAW. */
const LINK_TYPE = 101
const SECTION = 0x0a0d0d0a
const INTERFACE = 1
const NAMES = 4
const PACKET = 6
const OPTION = { comment: 1, name: 2, description: 3 } as const

/**
 * The head of a capture file (pcapng): its interfaces, in the order of their numbers, and names of addresses, which
 * Wireshark and tshark show where they resolve network names.
 *
 * @param names - a name and an IPv4 address each
 */
export function captureHead(
  comment: string,
  interfaces: readonly CaptureInterface[],
  names: readonly (readonly [address: string, name: string])[],
): Uint8Array {
  const section = Buffer.alloc(16)
  section.writeUInt32LE(0x1a2b3c4d, 0)
  section.writeUInt16LE(1, 4)
  // The length of the section is not known yet.
  section.fill(0xff, 8)
  return Buffer.concat([
    block(SECTION, [section, option(OPTION.comment, comment), endOfOptions()]),
    ...interfaces.map(({ name, about }) => {
      const fixed = Buffer.alloc(8)
      fixed.writeUInt16LE(LINK_TYPE, 0)
      const options = [option(OPTION.name, name), option(OPTION.description, about), endOfOptions()]
      return block(INTERFACE, [fixed, ...options])
    }),
    ...(names.length === 0 ? [] : [block(NAMES, [...names.map(nameRecord), Buffer.alloc(4)])]),
  ])
}

/**
 * One packet.
 *
 * @param at - the number of its interface
 * @param epochMs - milliseconds since 1970, fractions too
 */
export function capturedPacket(at: number, epochMs: number, bytes: Uint8Array): Uint8Array {
  const micros = BigInt(Math.round(epochMs * 1000))
  const fixed = Buffer.alloc(20)
  fixed.writeUInt32LE(at, 0)
  fixed.writeUInt32LE(Number(micros >> 32n), 4)
  fixed.writeUInt32LE(Number(micros & 0xff_ff_ff_ffn), 8)
  fixed.writeUInt32LE(bytes.length, 12)
  fixed.writeUInt32LE(bytes.length, 16)
  return block(PACKET, [fixed, padded(bytes)])
}

function block(type: number, parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(body.length + 12)
  const head = Buffer.alloc(4)
  head.writeUInt32LE(type)
  return Buffer.concat([head, length, body, length])
}

function option(code: number, text: string): Buffer {
  return record(code, Buffer.from(text))
}

function nameRecord([address, name]: readonly [address: string, name: string]): Buffer {
  const bytes = address.split('.').map(Number)
  return record(1, Buffer.concat([Buffer.from(bytes), Buffer.from(`${name}\0`)]))
}

function record(code: number, value: Uint8Array): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt16LE(code, 0)
  head.writeUInt16LE(value.length, 2)
  return Buffer.concat([head, padded(value)])
}

function endOfOptions(): Buffer {
  return Buffer.alloc(4)
}

/** Everything in a capture begins at a multiple of four. */
function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)])
}

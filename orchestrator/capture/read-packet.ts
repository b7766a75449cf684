/** What the headers of a packet say. */
export interface PacketHead {
  /** `address:port`; the address alone where the protocol has no ports. */
  from: string
  to: string
  /** In a few words: `TCP SYN`, `TCP 52 bytes`, `UDP 5 bytes`, `ICMP host unreachable`. */
  says: string
  /** Of the whole packet, its headers too. */
  bytes: number
  /** Of the packet that an ICMP error is about; null in others. */
  about: { from: string; to: string } | null
}

const PROTOCOLS: Readonly<Record<number, string>> = { 1: 'ICMP', 6: 'TCP', 17: 'UDP' }
const UNREACHABLE: Readonly<Record<number, string>> = {
  0: 'network unreachable',
  1: 'host unreachable',
  3: 'port unreachable',
  13: 'forbidden',
}

/**
 * Reads the headers of an IPv4 packet.
 *
 * @returns null where it is no IPv4 packet, or was cut off within its headers
 */
export function readPacket(bytes: Uint8Array): PacketHead | null {
  const ip = readIp(bytes)
  if (ip === null) return null
  const { view, start, protocol, from, to } = ip
  const length = view.getUint16(2)
  const name = PROTOCOLS[protocol] ?? `protocol ${protocol}`
  const head = { from, to, bytes: length, about: null }
  if (protocol === 6) {
    if (bytes.length < start + 20) return null
    const payload = length - start - (view.getUint8(start + 12) >> 4) * 4
    return { ...head, says: `${name} ${tcpWords(view.getUint8(start + 13), payload)}` }
  }
  if (protocol === 17) return { ...head, says: `${name} ${length - start - 8} bytes` }
  if (protocol !== 1) return { ...head, says: name }
  const kind = view.getUint8(start) === 3 ? UNREACHABLE[view.getUint8(start + 1)] : undefined
  if (kind === undefined) return { ...head, says: name }
  // An error holds no more of a packet than its ports.
  const inner = readIp(bytes.subarray(start + 8))
  const about = inner === null ? null : { from: inner.from, to: inner.to }
  return { ...head, says: `${name} ${kind}`, about }
}

interface IpHead extends Pick<PacketHead, 'from' | 'to'> {
  view: DataView
  /** Where its payload begins. */
  start: number
  protocol: number
}

/** @returns null where there is no whole IPv4 header with ports behind it */
function readIp(bytes: Uint8Array): IpHead | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 20 || view.getUint8(0) >> 4 !== 4) return null
  const start = (view.getUint8(0) & 15) * 4
  const protocol = view.getUint8(9)
  if (start < 20 || bytes.length < start + 8) return null
  const hasPorts = protocol === 6 || protocol === 17
  const place = (at: number, port: number): string => {
    const address = bytes.subarray(at, at + 4).join('.')
    return hasPorts ? `${address}:${view.getUint16(start + port)}` : address
  }
  return { view, start, protocol, from: place(12, 0), to: place(16, 2) }
}

function tcpWords(flags: number, payload: number): string {
  const words = [
    ...((flags & 2) === 0 ? [] : ['SYN']),
    ...((flags & 1) === 0 ? [] : ['FIN']),
    ...((flags & 4) === 0 ? [] : ['RST']),
    ...(payload > 0 ? [`${payload} bytes`] : []),
  ]
  // Nearly every segment acknowledges something: it is said where it is all that a segment does, or answers a SYN.
  const acknowledges = (flags & 16) !== 0 && (words.length === 0 || (flags & 2) !== 0)
  return [...words, ...(acknowledges ? ['ACK'] : [])].join(' ')
}

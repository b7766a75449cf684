// A name server on loopback, for the records that its argument names: `{ "host.example.org": [["A", "10.0.0.1"]] }`, or a
// number in place of the records: the code with which it refuses.
import { createSocket } from 'node:dgram'

const TYPES = { A: 1, TXT: 16 }
const NO_SUCH_NAME = 3
const zone = JSON.parse(process.argv[2] ?? '{}')

function readQuestion(message) {
  const labels = []
  let at = 12
  while (message[at] !== 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + message[at]))
    at += 1 + message[at]
  }
  return { name: labels.join('.').toLowerCase(), type: message.readUInt16BE(at + 1), end: at + 5 }
}

function dataOf([type, value]) {
  return type === 'A'
    ? Buffer.from(value.split('.').map(Number))
    : Buffer.from([value.length, ...Buffer.from(value)])
}

function answerTo(message) {
  const { name, type, end } = readQuestion(message)
  const found = zone[name] ?? NO_SUCH_NAME
  const records = Array.isArray(found) ? found.filter(([kind]) => TYPES[kind] === type) : []
  const header = Buffer.from(message.subarray(0, 12))
  header.writeUInt16BE(0x8180 | (Array.isArray(found) ? 0 : found), 2)
  header.writeUInt16BE(records.length, 6)
  header.fill(0, 8)
  const answers = records.flatMap((record) => {
    const data = dataOf(record)
    const start = Buffer.from([0xc0, 0x0c, 0, type, 0, 1, 0, 0, 0, 1, 0, data.length])
    return [start, data]
  })
  return Buffer.concat([header, message.subarray(12, end), ...answers])
}

const server = createSocket('udp4')
server.on('message', (message, { port, address }) => server.send(answerTo(message), port, address))
server.bind(53, '127.0.0.1', () => process.stdout.write('up\n'))

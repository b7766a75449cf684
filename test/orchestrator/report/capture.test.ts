import assert from 'node:assert/strict'
import { mkdtempDisposable, readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { runCommand } from '#test/support/command-line.ts'
import { startCommand } from '#test/support/nat-two-nodes.ts'

interface Captured {
  network: number
  micros: number
  from: string
  to: string
}

const RUN = ['scenario', 'nat-two-nodes', '--fabric', 'sim', '--variant', 'bug']

/** Interface, source, destination and time of each packet of a capture; payloads are encrypted with fresh keys. */
function packetsOf(capture: Buffer): Captured[] {
  const found: Captured[] = []
  for (let at = 0; at < capture.length; at += capture.readUInt32LE(at + 4)) {
    if (capture.readUInt32LE(at) !== 6) continue
    const ip = at + 28
    const host = (from: number): string => [...capture.subarray(from, from + 4)].join('.')
    const network = capture.readUInt32LE(at + 8)
    const micros = capture.readUInt32LE(at + 16)
    found.push({ network, micros, from: host(ip + 12), to: host(ip + 16) })
  }
  return found
}

describe('--pcap', () => {
  it('writes what crossed each network, as each network saw it', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-pcap-'))
    const captures = await Promise.all(
      ['one', 'other'].map(async (name) => {
        const words = [...RUN, '--pcap', '--report', name]
        const { status, stderr } = await startCommand(words, folder.path).ended
        assert.equal(status, 0, stderr)
        return readFile(join(folder.path, name, 'packets.pcapng'))
      }),
    )
    const [packets = [], again] = captures.map(packetsOf)
    // Of one seed who sends to whom, and when, is the same.
    assert.deepEqual(packets, again)
    // B joins A: inside of B's site under its own address, outside under its router's, inside of A's site to A's own.
    for (const wanted of [
      { network: 2, from: '10.2.0.10', to: '11.0.0.11' },
      { network: 0, from: '11.0.0.12', to: '11.0.0.11' },
      { network: 1, from: '11.0.0.12', to: '10.1.0.10' },
    ]) {
      assert.ok(
        packets.some(
          ({ network, from, to }) =>
            network === wanted.network && from === wanted.from && to === wanted.to,
        ),
        JSON.stringify(wanted),
      )
    }
    const onInternet = packets.filter(({ network }) => network === 0)
    assert.ok(onInternet.every(({ from, to }) => from.startsWith('11.') && to.startsWith('11.')))
  })

  it('is not written where nobody asks, and refused where packets are not seen', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-pcap-'))
    await startCommand([...RUN, '--report', 'plain'], folder.path).ended
    assert.ok(!(await readdir(join(folder.path, 'plain'))).includes('packets.pcapng'))
    const words = ['scenario', 'nat-two-nodes', '--fabric', 'docker', '--pcap']
    const { status, stderr } = await runCommand(words, { directory: folder.path })
    assert.equal(status, 2)
    assert.match(stderr, /--pcap is for --fabric sim/)
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { multiaddr } from '@multiformats/multiaddr'
import type { DialReport } from '#node/patches/dial-watch.ts'
import { newPeerId } from '../fake-libp2p.ts'
import { MemoryNetwork } from '../memory-network.ts'
import { startPeer } from '../peers.ts'

const A = { address: '11.0.0.1' }
const B = { address: '11.0.0.2' }

describe('watchDials', () => {
  it('reports a dial that succeeded, and who answered at an address that names nobody', async () => {
    const network = new MemoryNetwork()
    await using a = await startPeer(network, A)
    await using b = await startPeer(network, B)
    const reports: DialReport[] = []
    b.dials.onDial((report) => reports.push(report))
    await b.libp2p.dial(multiaddr('/ip4/11.0.0.1/tcp/3000'))
    const [report] = reports
    assert.equal(report?.address, '/ip4/11.0.0.1/tcp/3000')
    assert.equal(report?.peerId, a.peerId.toString())
    assert.equal(report?.error, null)
  })

  it('reports each dial that failed: refused, timed out, answered by another peer', async () => {
    const network = new MemoryNetwork()
    network.swallow('11.0.0.8:3000')
    await using _a = await startPeer(network, A)
    await using b = await startPeer(network, B, { DIAL_ADDRESS_TIMEOUT_MS: '100' })
    const reports: DialReport[] = []
    b.dials.onDial((report) => reports.push(report))
    const wanted = (await newPeerId()).toString()
    const addresses = ['11.0.0.7', '11.0.0.8', '11.0.0.1'].map((ip) => `/ip4/${ip}/tcp/3000`)
    await assert.rejects(
      b.libp2p.dial(addresses.map((address) => multiaddr(`${address}/p2p/${wanted}`))),
    )
    const byAddress = new Map(reports.map((report) => [report.address, report]))
    assert.deepEqual([...byAddress.keys()].toSorted(), addresses.toSorted())
    assert.ok(reports.every(({ peerId }) => peerId === wanted))
    const [refused, silent, other] = addresses.map((address) => byAddress.get(address)?.error)
    assert.match(refused?.message ?? '', /ECONNREFUSED/)
    assert.equal(silent?.name, 'TimeoutError')
    assert.match(`${other?.name} ${other?.message}`, /peer|identity/i)
  })

  it('tells nothing more to a listener that left', async () => {
    const network = new MemoryNetwork()
    await using b = await startPeer(network, B)
    const leave = b.dials.onDial(() => assert.fail('it was told'))
    leave()
    await assert.rejects(b.libp2p.dial(multiaddr('/ip4/11.0.0.7/tcp/3000')))
  })
})

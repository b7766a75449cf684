import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SimInternet } from '#orchestrator/fabric/sim/internet.ts'
import { createSimSockets } from '#orchestrator/fabric/sim/sockets.ts'
import type { Block } from '#orchestrator/net/block.ts'
import type { Sockets } from '#orchestrator/probe/probe-agent.ts'
import { ManualClock } from '#test/support/manual-clock.ts'
import { homeNat, labPlan, perfectLink, sitePlan } from './plans.ts'

const SERVER = { address: '11.0.0.10', port: 3000 }

/** A server on the internet, and two neighbours behind one router. */
class Neighbours {
  readonly #clock = new ManualClock()
  readonly #internet = new SimInternet(
    labPlan([sitePlan('home', '11.0.0.40', homeNat)], perfectLink),
    { clock: this.#clock },
  )
  readonly #server = this.#host('server', 'internet', SERVER.address, null)
  readonly #neighbours = {
    one: this.#host('one', 'home', '10.0.0.10', '10.0.0.1'),
    other: this.#host('other', 'home', '10.0.0.11', '10.0.0.1'),
  }

  static async start(): Promise<Neighbours> {
    const neighbours = new Neighbours()
    await neighbours.#server.listenTcp({ port: SERVER.port, onConnection: () => undefined })
    return neighbours
  }

  block(...blocks: Partial<Block>[]): void {
    const usual: Block = { from: 'one', to: 'server', by: 'drop', port: null }
    this.#internet.block(blocks.map((block) => ({ ...usual, ...block })))
  }

  /** The code with which a connection to the server fails; null where it is made. */
  async connect(name: 'one' | 'other'): Promise<string | null> {
    const connecting = this.#neighbours[name].connectTcp({
      localPort: null,
      to: SERVER,
      timeoutMs: 500,
    })
    const outcome = connecting.then(
      () => null,
      (error: NodeJS.ErrnoException) => error.code ?? 'no code',
    )
    await this.#clock.advance(600)
    return outcome
  }

  #host(name: string, network: string, address: string, gateway: string | null): Sockets {
    return createSimSockets(this.#internet.addHost({ name, network, address, gateway }))
  }
}

describe('what is blocked in the sim', () => {
  it('fails as it is blocked, and the neighbour behind the same router passes', async () => {
    const lab = await Neighbours.start()
    assert.equal(await lab.connect('one'), null)
    for (const [by, code] of [
      ['drop', 'ETIMEDOUT'],
      ['reset', 'ECONNREFUSED'],
      ['icmp', 'EHOSTUNREACH'],
    ] as const) {
      lab.block({ by })
      assert.equal(await lab.connect('one'), code, by)
      assert.equal(await lab.connect('other'), null, by)
    }
    lab.block()
    assert.equal(await lab.connect('one'), null)
  })

  it('is one way: what answers passes, unless that is blocked too', async () => {
    const lab = await Neighbours.start()
    lab.block({ from: 'server', to: 'other' })
    assert.equal(await lab.connect('one'), null)
    assert.equal(await lab.connect('other'), 'ETIMEDOUT', 'its answer is lost')
  })

  it('may be one port of one protocol, on either side', async () => {
    const lab = await Neighbours.start()
    lab.block({ port: { protocol: 'tcp', port: 3001 } }, { port: { protocol: 'udp', port: 3000 } })
    assert.equal(await lab.connect('one'), null)
    lab.block({ port: { protocol: 'tcp', port: 3000 } })
    assert.equal(await lab.connect('one'), 'ETIMEDOUT')
    lab.block({ from: 'server', to: 'one', port: { protocol: 'tcp', port: 3000 } })
    assert.equal(await lab.connect('one'), 'ETIMEDOUT')
  })
})

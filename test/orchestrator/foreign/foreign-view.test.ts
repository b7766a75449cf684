import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ForeignView } from '#orchestrator/foreign/foreign-view.ts'

describe('what a foreign peer tells', () => {
  it('holds no address of a peer that is listed without any, whatever identify carried', () => {
    const view = new ForeignView()
    const peer = '12D3KooWLdJAwPtyQ5RFnr9wGXsQzpf3P2SeqFbYkqbfVehLu4Ns'
    view.hear({
      event: 'identified',
      ms: 2,
      peer,
      agent: 'go',
      addresses: ['/ip4/10.2.0.10/tcp/3000'],
      protocols: [],
      observed: null,
    })
    view.hear({ event: 'listed', ms: 3, peer, addresses: [] })
    const { cause, dialable } = view.sighting(peer)
    assert.deepEqual([cause, dialable], ['LISTED_WITHOUT_ADDRESS', false])
    view.list(peer, ['/ip4/11.0.0.12/tcp/3000'])
    view.dialledBack(peer, { address: '/ip4/11.0.0.12/tcp/3000', ok: true })
    assert.equal(view.sighting(peer).rung, 'dialable')
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ForeignView } from '#orchestrator/foreign/foreign-view.ts'

describe('what a foreign peer tells', () => {
  it('keeps the addresses of identify for a peer that is listed without any', () => {
    const view = new ForeignView()
    const peer = '12D3KooWLdJAwPtyQ5RFnr9wGXsQzpf3P2SeqFbYkqbfVehLu4Ns'
    const address = '/ip4/10.2.0.10/tcp/3000'
    view.hear({
      event: 'connected',
      ms: 1,
      peer,
      direction: 'inbound',
      address: '/ip4/11.0.0.12/tcp/3000',
    })
    view.hear({
      event: 'identified',
      ms: 2,
      peer,
      agent: 'go',
      addresses: [address],
      protocols: [],
      observed: null,
    })
    view.hear({ event: 'listed', ms: 3, peer, addresses: [] })
    assert.equal(view.sighting(peer).cause, 'NOT_DIALLED_BACK')
    view.list(peer, ['/ip4/11.0.0.12/tcp/3000'])
    view.dialledBack(peer, { address: '/ip4/11.0.0.12/tcp/3000', ok: true })
    assert.equal(view.sighting(peer).rung, 'dialable')
  })
})

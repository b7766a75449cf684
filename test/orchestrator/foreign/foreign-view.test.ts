import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ForeignView } from '#orchestrator/foreign/foreign-view.ts'

const B = '12D3KooWLdJAwPtyQ5RFnr9wGXsQzpf3P2SeqFbYkqbfVehLu4Ns'

/** The view of a peer that B has dialled, and that knows a public address of it. */
function metB(): ForeignView {
  const view = new ForeignView()
  const protocol = '/ipfs/kad/1.0.0'
  const address = '/ip4/11.0.0.12/tcp/3000'
  view.hear({ event: 'start', ms: 0, peer: 'A', agent: 'go', mode: 'server', protocol })
  view.hear({ event: 'connected', ms: 1, peer: B, direction: 'inbound', address })
  view.hear({
    event: 'identified',
    ms: 2,
    peer: B,
    agent: 'go',
    addresses: [address],
    protocols: [protocol],
    observed: null,
  })
  return view
}

describe('what a foreign peer tells', () => {
  it('names the group that is full and its limit, until the target is listed', () => {
    const view = metB()
    view.hear({
      event: 'group-full',
      ms: 3,
      peer: B,
      network: '11.0.0.0/16',
      limit: 2,
      sharedBits: 0,
    })
    const { rung, cause, evidence, remedy } = view.sighting(B)
    assert.deepEqual([rung, cause], ['addressable', 'IP_GROUP_FULL'])
    assert.deepEqual(evidence?.group, { network: '11.0.0.0/16', limit: 2, sharedBits: 0 })
    const advice =
      'Give the target a public address outside 11.0.0.0/16: the observer lists 2 peers of it whose ids begin alike, and no more.'
    assert.equal(remedy?.text, advice)
    view.hear({ event: 'listed', ms: 4, peer: B, addresses: ['/ip4/11.0.0.12/tcp/3000'] })
    assert.equal(view.sighting(B).cause, 'NOT_DIALLED_BACK')
  })

  it('says that the target did not answer what newcomers are asked, until it leaves', () => {
    const view = metB()
    view.hear({ event: 'probe-failed', ms: 3, peer: B, error: 'stream reset' })
    const { rung, cause, evidence, remedy } = view.sighting(B)
    assert.deepEqual([rung, cause], ['addressable', 'ADMISSION_PROBE_FAILED'])
    assert.equal(evidence?.error, 'stream reset')
    assert.match(remedy?.text ?? '', /answers FIND_NODE.*\(stream reset\)/)
    view.hear({ event: 'closed', ms: 4, peer: B })
    assert.equal(view.sighting(B).cause, 'CONNECTION_LOST')
  })

  it('holds no address of a peer that is listed without any, whatever identify carried', () => {
    const view = new ForeignView()
    const peer = B
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

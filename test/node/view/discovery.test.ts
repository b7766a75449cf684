import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { discoveryView } from '#node/view/cell.ts'
import { discoveryLines } from '#node/view/discovery.ts'
import { createStyle } from '#node/view/style.ts'
import { createFakeApi } from '#test/node/api/fake-api.ts'

const plain = createStyle(false)

const isUnasked = ({ target }: { target: string }): boolean => target !== 'D'

describe('discoveryLines', () => {
  it('are the matrix and, of each cell below the top rung, cause, evidence and remedy', async () => {
    const [ill] = await createFakeApi().discovery({ targets: ['B'] })
    assert.ok(ill)
    const well = { ...ill, peerId: 'C', rung: 'dialable' as const, cause: null, remedy: null }
    const view = discoveryView([{ peerId: 'A', sightings: [ill, well] }], new Map())
    assert.deepEqual(discoveryLines(view, 80, plain), [
      'observer ╲ target  A  B                  C',
      'A                  ·  ○ speaks-kademlia  ● dialable',
      '',
      'B at A: speaks-kademlia, ONLY_PRIVATE_ADDRESSES',
      '  why       every address that B announces is private, and the filter keeps',
      '            public ones',
      "  evidence  B announces 10.2.0.10:3000; A's filter (public) keeps none",
      '  remedy    PUBLIC_IP=11.0.0.12 on B',
      '            announce a public address',
    ])
  })

  it('show what others would hide in an address, and let it begin no line', async () => {
    const [ill] = await createFakeApi().discovery({ targets: ['B'] })
    assert.ok(ill)
    const hostile = '/dns4/a\u001b[2J\n✔/tcp/1'
    const sighting = { ...ill, evidence: { ...ill.evidence, announced: [hostile] } }
    const view = discoveryView([{ peerId: 'A', sightings: [sighting] }], new Map())
    const text = discoveryLines(view, 80, plain).join('\n')
    assert.ok(text.includes('a\\u{1b}[2J\\u{a}✔'), text)
  })

  it('do not let a dialable peer hide that most of its addresses are dead', async () => {
    const [ill] = await createFakeApi().discovery({ targets: ['B'] })
    assert.ok(ill)
    const dials = [
      { address: '/ip4/11.0.0.12/tcp/3000', ok: true, durationMs: 12 },
      { address: '/ip4/11.0.0.77/tcp/3000', ok: false, kind: 'timed-out', durationMs: 5000 },
    ] as const
    const well = { ...ill, rung: 'dialable', cause: null, remedy: null } as const
    const sighting = { ...well, evidence: { dials: [...dials] } }
    const view = discoveryView([{ peerId: 'A', sightings: [sighting] }], new Map())
    assert.deepEqual(discoveryLines(view, 80, plain), [
      'observer ╲ target  A  B',
      'A                  ·  ● dialable, 1 dead',
      '',
      'B at A: dialable, but 1 of 2 addresses is dead',
      '  evidence  a dial of 11.0.0.12:3000 succeeds after 12 ms; a dial of',
      '            11.0.0.77:3000 fails after 5.0 s: timed-out',
      '  remedy    Announce only what answers: who joins tries the dead addresses too,',
      '            and waits for each.',
    ])
  })

  it('count peers that were only heard of, unless they have a name', async () => {
    const [ill] = await createFakeApi().discovery({ targets: ['B'] })
    assert.ok(ill)
    const heardOf = { ...ill, rung: 'unknown' as const, cause: 'NEVER_DIALLED' as const }
    const sightings = ['C', 'D', 'E'].map((peerId) => ({ ...heardOf, peerId, evidence: null }))
    const account = { peerId: 'A', sightings: [ill, ...sightings] }
    const lines = discoveryLines(discoveryView([account], new Map([['D', 'd']])), 80, plain)
    assert.equal(lines[0], 'observer ╲ target  d          A  B')
    assert.ok(lines.includes('d at A: unknown, NEVER_DIALLED'))
    assert.equal(lines.at(-1), '2 more were only heard of, and never dialled (NEVER_DIALLED)')
  })

  it('count pairs that never met and were not asked for, and show what fails for another reason', async () => {
    const [ill] = await createFakeApi().discovery({ targets: ['B'] })
    assert.ok(ill)
    const unmet = { ...ill, rung: 'unknown' as const, cause: 'NOT_TOLD' as const, evidence: null }
    const sightings = [ill, ...['C', 'D', 'E'].map((peerId) => ({ ...unmet, peerId }))]
    const view = discoveryView([{ peerId: 'A', sightings }], new Map())
    const lines = discoveryLines({ ...view, isUnasked }, 80, plain)
    const heads = lines.filter((line) => / at A: /.test(line))
    assert.deepEqual(heads, [
      'B at A: speaks-kademlia, ONLY_PRIVATE_ADDRESSES',
      'D at A: unknown, NOT_TOLD',
    ])
    assert.equal(lines.at(-1), '2 pairs never met, and nothing was expected of them')
  })

  it('say so where no peer was heard of', () => {
    const view = discoveryView([{ peerId: 'A', sightings: [] }], new Map())
    assert.deepEqual(discoveryLines(view, 80, plain), ['No peer was heard of.'])
  })
})

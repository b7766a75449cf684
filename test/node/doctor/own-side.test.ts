import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { OwnSideSchema } from '#node/doctor/own-side-schema.ts'
import { judgeOwnSide, type OwnSide, type View } from '#node/doctor/own-side.ts'

function end(text: string): { host: string; port: number } {
  const [host = '', port = ''] = text.split(' ')
  return { host, port: Number(port) }
}

/** Local, remote and observed ends of a connection; null where the peer did not say. */
function view(local: string, remote: string, observed: string | null): View {
  return {
    via: remote,
    local: end(local),
    remote: end(remote),
    observed: observed === null ? null : end(observed),
    error: null,
  }
}

const A = '11.0.0.1 3000'
const B = '11.0.0.2 3000'
const A2 = '11.0.0.1 3001'
const HOME = '192.168.1.4 5000'

describe("the NAT of one's own side", () => {
  const cases: [string, View[], Pick<OwnSide, 'mapping' | 'ports' | 'carrier'>][] = [
    [
      'is none where peers see it as it is',
      [view('11.0.0.9 5000', A, '11.0.0.9 5000'), view('11.0.0.9 5000', B, '11.0.0.9 5000')],
      { mapping: 'none', ports: 'preserved', carrier: 'no' },
    ],
    [
      'maps by the endpoint alone, ports preserved',
      [view(HOME, A, '11.0.0.9 5000'), view(HOME, B, '11.0.0.9 5000')],
      { mapping: 'EI', ports: 'preserved', carrier: 'unlikely' },
    ],
    [
      'maps by the endpoint alone, ports changed',
      [view(HOME, A, '11.0.0.9 7000'), view(HOME, B, '11.0.0.9 7000')],
      { mapping: 'EI', ports: 'changed', carrier: 'likely' },
    ],
    [
      'depends on the peer',
      [view(HOME, A, '11.0.0.9 7000'), view(HOME, B, '11.0.0.9 7001')],
      { mapping: 'AD or APD', ports: 'changed', carrier: 'unknown' },
    ],
    [
      'depends on the port of the peer, where two ports of one host differ',
      [view(HOME, A, '11.0.0.9 7000'), view(HOME, A2, '11.0.0.9 7001')],
      { mapping: 'APD', ports: 'changed', carrier: 'unknown' },
    ],
    [
      'is likely a carrier’s where it has several addresses',
      [view(HOME, A, '11.0.0.9 5000'), view(HOME, B, '11.0.0.10 5000')],
      { mapping: 'AD or APD', ports: 'preserved', carrier: 'likely' },
    ],
    [
      'is a carrier’s where this side stands in its network',
      [view('100.64.3.4 5000', A, '11.0.0.9 7000'), view('100.64.3.4 5000', B, '11.0.0.9 7000')],
      { mapping: 'EI', ports: 'changed', carrier: 'yes' },
    ],
    [
      'is not known of one peer, nor of the same one twice',
      [view(HOME, A, '11.0.0.9 5000'), view(HOME, A, '11.0.0.9 5000'), view(HOME, B, null)],
      { mapping: null, ports: 'preserved', carrier: 'unknown' },
    ],
    [
      'is not known where nobody says anything',
      [view(HOME, A, null), view(HOME, B, null)],
      { mapping: null, ports: null, carrier: 'unknown' },
    ],
  ]
  for (const [what, views, expected] of cases) {
    it(what, () => {
      const side = judgeOwnSide(views)
      assert.deepEqual(OwnSideSchema.parse(side), side, 'it is as the schema says')
      const { mapping, ports, carrier, healthy, advice } = side
      assert.deepEqual({ mapping, ports, carrier }, expected)
      assert.equal(healthy, mapping !== null)
      assert.ok(advice.length > 0)
    })
  }

  it('says where a carrier shows that peers cannot see', () => {
    const behind = judgeOwnSide([view(HOME, A, '11.0.0.9 5000'), view(HOME, B, '11.0.0.9 5000')])
    assert.equal(behind.carrier, 'unlikely')
    assert.match(
      behind.advice.join(' '),
      /status page names another outside address than 11\.0\.0\.9,/,
    )
    const open = judgeOwnSide([
      view('11.0.0.9 5000', A, '11.0.0.9 5000'),
      view('11.0.0.9 5000', B, '11.0.0.9 5000'),
    ])
    assert.doesNotMatch(open.advice.join(' '), /carrier/)
  })

  it('says of a carrier that no port can be forwarded there', () => {
    const [first, second] = [view('100.64.3.4 5000', A, '11.0.0.9 7000'), view(HOME, B, null)]
    assert.equal(judgeOwnSide([first, second]).advice.length, 1, 'the mapping is not known')
    const known = judgeOwnSide([first, { ...first, remote: end(B) }])
    assert.match(known.advice.join(' '), /no port can be forwarded/)
  })
})

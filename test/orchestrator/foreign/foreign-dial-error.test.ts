import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DialErrorKind } from '#node/judgement/causes.ts'
import { foreignDialErrorKind } from '#orchestrator/foreign/foreign-dial-error.ts'

const A = '12D3KooWPqT2nMDSiXUSx5D7fasaxhxKigVhcqfkKqrLghCq9jxz'
const B = '12D3KooWLdJAwPtyQ5RFnr9wGXsQzpf3P2SeqFbYkqbfVehLu4Ns'

/** What rust-libp2p 0.57 and go-libp2p 0.51 really said. */
const RECORDED: readonly { error: string; kind: DialErrorKind }[] = [
  {
    error: `Failed to negotiate transport protocol(s): [(/ip4/127.0.0.1/tcp/1/p2p/${B}: : Connection refused (os error 111): Connection refused (os error 111))]`,
    kind: 'refused',
  },
  {
    error: `Dial error: Unexpected peer ID ${A} at /ip4/127.0.0.1/tcp/22001/p2p/${B}.`,
    kind: 'wrong-peer-id',
  },
  {
    error: `Failed to negotiate transport protocol(s): [(/ip4/10.2.0.10/tcp/3000/p2p/${B}: : Timeout has been reached)]`,
    kind: 'timed-out',
  },
  {
    error: `failed to dial: failed to dial ${A}: all dials failed\n  * [/ip4/127.0.0.1/tcp/22002] failed to negotiate security protocol: peer id mismatch: expected ${A}, but remote key matches ${B}`,
    kind: 'wrong-peer-id',
  },
  {
    error: `failed to dial: failed to dial ${B}: all dials failed\n  * [/ip4/10.2.0.10/tcp/3000] dial tcp4 0.0.0.0:3000->10.2.0.10:3000: i/o timeout`,
    kind: 'timed-out',
  },
  {
    error: `failed to dial ${B}: all dials failed\n  * [/ip4/10.2.0.10/tcp/3000] dial tcp4 10.2.0.10:3000: connect: no route to host`,
    kind: 'no-route',
  },
  { error: 'context deadline exceeded', kind: 'timed-out' },
  { error: 'something that nobody has said yet', kind: 'other' },
]

describe('the kind of a foreign dial error', () => {
  for (const { error, kind } of RECORDED) {
    it(`is ${kind} for "${error.slice(0, 60)}..."`, () => {
      assert.equal(foreignDialErrorKind(error, null), kind)
    })
  }

  it('is own-address where the dialler itself answered, in the words of rust', () => {
    const error = `Dial error: Unexpected peer ID ${A} at /ip4/127.0.0.1/tcp/3000/p2p/${B}.`
    assert.equal(foreignDialErrorKind(error, A), 'own-address')
    assert.equal(foreignDialErrorKind(error, B), 'wrong-peer-id')
  })

  it('is own-address where the dialler itself answered, in the words of go', () => {
    const error = `peer id mismatch: expected ${B}, but remote key matches ${A}`
    assert.equal(foreignDialErrorKind(error, A), 'own-address')
  })
})

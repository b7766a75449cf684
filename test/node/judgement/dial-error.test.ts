import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import type { DialErrorKind } from '#node/judgement/causes.ts'
import { classifyDialError, DIAL_ERROR_KINDS } from '#node/judgement/dial-error.ts'

const ME = '12D3KooWPqT2nMDSiXUSx5D7fasaxhxKigVhcqfkKqrLghCq9jxz'
const OTHER = '12D3KooWLdJAwPtyQ5RFnr9wGXsQzpf3P2SeqFbYkqbfVehLu4Ns'
const WANTED = '12D3KooWDUTwMBcoNRFwhc8fafMqpgD7q8aB7S5vnNGKxzoJ4stw'

function named(name: string, message = '', code?: string): Error {
  return Object.assign(new Error(message), { name }, code === undefined ? {} : { code })
}

/** What libp2p 3.3 really threw, by the state that it was in. */
const RECORDED: readonly [DialErrorKind, Error][] = [
  [
    'refused',
    named(
      'Error',
      'connection error 127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1',
      'ECONNREFUSED',
    ),
  ],
  ['no-route', named('Error', 'connect ENETUNREACH 11.0.0.1:3000', 'ENETUNREACH')],
  ['no-family', named('Error', 'connect ENETUNREACH 2a00::1:3000', 'ENETUNREACH')],
  ['no-family', named('Error', 'connect EADDRNOTAVAIL ::1:3000 - Local (:::0)', 'EADDRNOTAVAIL')],
  ['no-route', named('Error', 'connect EADDRNOTAVAIL 11.0.0.1:3000', 'EADDRNOTAVAIL')],
  ['no-route', named('Error', 'connect EHOSTUNREACH 11.0.0.1:3000', 'EHOSTUNREACH')],
  ['timed-out', named('Error', 'connect ETIMEDOUT 11.0.0.1:3000', 'ETIMEDOUT')],
  ['timed-out', named('TimeoutError', 'The operation was aborted due to timeout')],
  ['timed-out', named('AbortError', 'The operation was aborted')],
  ['timed-out', named('EncryptionFailedError', 'The operation was aborted due to timeout')],
  ['denied', named('EncryptionFailedError', 'read ECONNRESET')],
  ['denied', named('EncryptionFailedError', 'Encryption failed')],
  [
    'denied',
    named('EncryptionFailedError', 'Unexpected EOF - stream closed after reading 0/1 bytes'),
  ],
  ['own-address', named('InvalidPeerIdError', 'Can not dial self')],
  [
    'wrong-peer-id',
    named(
      'EncryptionFailedError',
      `Payload identity key ${OTHER} does not match expected remote identity key ${WANTED}`,
    ),
  ],
  ['wrong-peer-id', named('Error', `Dialed peer ${WANTED} but connected to ${OTHER}`)],
  ['name-not-resolved', named('Error', 'getaddrinfo ENOTFOUND nobody', 'ENOTFOUND')],
  ['private-name', named('PrivateHostError', 'expected a to lead to a public address')],
  ['name-not-resolved', named('NothingNamedError', 'records of a lead to no address of it')],
  ['other', named('DialDeniedError', 'The connection gater denied all addresses')],
  ['other', named('NoValidAddressesError', 'The dial request has no valid addresses')],
]

describe('classifyDialError', () => {
  for (const [kind, error] of RECORDED) {
    it(`calls "${error.name}: ${error.message}" ${kind}`, () => {
      assert.equal(classifyDialError(error, ME).kind, kind)
    })
  }

  it('names the peer that answered in the place of the one dialled', () => {
    const error = named('X', `identity key ${OTHER} does not match expected remote one`)
    assert.equal(classifyDialError(error, ME).answeredBy, OTHER)
  })

  it('calls an address its own where the dialler itself answered there', () => {
    const error = named('X', `identity key ${ME} does not match expected remote one`)
    const { kind, answeredBy } = classifyDialError(error, ME)
    assert.equal(kind, 'own-address')
    assert.equal(answeredBy, null)
  })

  it('looks below AggregateErrors and causes', () => {
    const refused = named('Error', 'connect ECONNREFUSED', 'ECONNREFUSED')
    const wrapped = new Error('could not dial', { cause: refused })
    const all = new AggregateError([named('AbortError'), wrapped], 'All multiaddr dials failed')
    const { kind, error } = classifyDialError(all)
    assert.equal(kind, 'refused')
    assert.match(error, /All multiaddr dials failed .*ECONNREFUSED/)
  })

  it('ends for errors that are their own cause', () => {
    const error = new Error('round')
    error.cause = error
    assert.equal(classifyDialError(error).kind, 'other')
  })

  it('has an answer for whatever is thrown', () => {
    fc.assert(
      fc.property(fc.anything(), (thrown) => {
        const { kind, error } = classifyDialError(thrown, ME)
        assert.ok(DIAL_ERROR_KINDS.includes(kind))
        assert.equal(typeof error, 'string')
      }),
    )
  })
})

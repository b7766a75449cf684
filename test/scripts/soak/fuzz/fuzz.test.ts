import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fuzzEnvironment } from '../../../../scripts/soak/fuzz/environment.ts'
import type { Tally } from '../../../../scripts/soak/fuzz/fuzz.ts'
import { fuzzAnswers, fuzzMessages } from '../../../../scripts/soak/fuzz/messages.ts'
import { fuzzRecords } from '../../../../scripts/soak/fuzz/records.ts'
import { fuzzRequests } from '../../../../scripts/soak/fuzz/requests.ts'

const SEED = 1
/** Sixty thousand in all, more of what costs little: `npm run soak -- --fuzz` tries any number. */
const MANY = 16_000
const FEW = 8000
const FEWEST = 4000

/** What was tried led to each of these, several times. */
function reached(tally: Tally, outcomes: readonly string[]): void {
  for (const outcome of outcomes)
    assert.ok(tally.of(outcome) >= 5, `${outcome}: ${tally.toString()}`)
}

function failing(): never {
  throw new TypeError('planted')
}

/** Matches what fast-check throws by what the property threw. */
function because(told: RegExp): (error: Error) => boolean {
  return (error) => told.test(String(error.cause))
}

describe('whatever strangers give a node', () => {
  it('as a record is taken where it is right, and refused with a reason where it is not', async () => {
    const errors = ['InvalidKeyError', 'InvalidRecordError', 'NotOwnerError', 'PlainRecordError']
    reached(await fuzzRecords({ seed: SEED, runs: MANY }), ['taken', ...errors])
  })

  it('as a message is answered, or refused with a reason, and only what is right is kept', async () => {
    const errors = ['ProtobufError', 'IncompleteMessageError', 'InvalidRecordError']
    reached(await fuzzMessages({ seed: SEED, runs: MANY }), [
      'answered',
      'NotOwnerError',
      ...errors,
    ])
  })

  it('as an answer makes no read give what is wrong, and no call fail without a reason', async () => {
    const outcomes = ['read', 'nothing', 'UnansweredError', 'StoreError']
    reached(await fuzzAnswers({ seed: SEED, runs: FEWEST }), outcomes)
  })

  it('as a request over HTTP is answered, or is told by a problem what is wrong with it', async () => {
    const errors = ['BadRequestError', 'InvalidKeyError', 'NotFoundError', 'PreconditionError']
    reached(await fuzzRequests({ seed: SEED, runs: FEW }), ['200', 'stream', ...errors])
  })

  it('as an environment makes settings, or is told which of its variables are wrong', () => {
    reached(fuzzEnvironment({ seed: SEED, runs: MANY }), ['settings', 'ConfigError'])
  })

  it('is noticed where a wrong record would be taken, and where a call would fail by accident', async () => {
    const options = { seed: SEED, runs: 1000 }
    const takesAll = fuzzRecords(options, () => {})
    await assert.rejects(takesAll, because(/it was taken/))
    await assert.rejects(fuzzRecords(options, failing), because(/refused by accident/))
    assert.throws(() => fuzzEnvironment(options, failing), because(/not on purpose/))
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { InterruptedError, RunTimeoutError, UsageError } from '#orchestrator/commands/errors.ts'
import { failureOf } from '#orchestrator/commands/exit-status.ts'
import { FabricError } from '#orchestrator/fabric/errors.ts'

describe('what ended a command without a verdict', () => {
  const running = new AbortController().signal

  it('has the status that the command ends with', () => {
    const errors = [new UsageError('x'), new FabricError('x'), new RunTimeoutError('x')]
    const codes = errors.map((error) => failureOf(error, running).exitCode)
    assert.deepEqual(codes, [2, 3, 3])
    assert.deepEqual(failureOf(new FabricError('no engine'), running).error, {
      name: 'FabricError',
      message: 'no engine',
    })
  })

  it('is the interruption where there was one, whatever gave up first', () => {
    const controller = new AbortController()
    controller.abort(new InterruptedError('ended by SIGINT'))
    const { error, exitCode } = failureOf(new FabricError('the call was cut'), controller.signal)
    assert.deepEqual([error.name, exitCode], ['InterruptedError', 130])
  })
})

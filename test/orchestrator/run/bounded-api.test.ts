import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NodeApi } from '#node/api/node-api.ts'
import { systemClock } from '#node/time/clock.ts'
import { boundedApi } from '#orchestrator/run/bounded-api.ts'

const never = (): Promise<never> => new Promise(() => {})

/** A node that takes every question and answers none: as one that is stopped. */
const frozen = new Proxy({} as NodeApi, { get: () => never })

describe("a node's API in a run", () => {
  it('ends each question to a node that does not answer, and names node and question', async () => {
    const api = boundedApi(frozen, 'B', systemClock, 20)
    const asked: [string, Promise<unknown>][] = [
      ['status', api.status()],
      ['peers', api.peers()],
      ['discovery', api.discovery({ dialBack: true })],
      ['put', api.put('k', new Uint8Array())],
      ['get', api.get('k')],
      ['list', api.list()],
      ['delete', api.delete('k')],
      ['provide', api.provide('k')],
      ['providers', api.providers('k')],
      ['dial', api.dial('/ip4/11.0.0.1/tcp/1')],
    ]
    await Promise.all(
      asked.map(async ([question, answer]) =>
        assert.rejects(answer, {
          name: 'NodeSilentError',
          message: new RegExp(`^Node \`B\` did not answer \`${question}\` within 0\\.02 s`),
        }),
      ),
    )
  })

  it('hands on options and answers, and the reason of whoever gives up', async () => {
    const seen: unknown[] = []
    const answering = {
      discovery: (options: object) => {
        seen.push({ ...options, signal: undefined })
        return Promise.resolve([])
      },
    } as unknown as NodeApi
    const api = boundedApi(answering, 'A', systemClock)
    assert.deepEqual(await api.discovery({ dialBack: true, targets: ['x'] }), [])
    assert.deepEqual(seen, [{ dialBack: true, targets: ['x'], signal: undefined }])
    const patience = new AbortController()
    const asked = boundedApi(frozen, 'A', systemClock).get('k', { signal: patience.signal })
    patience.abort(new Error('enough'))
    await assert.rejects(asked, { message: 'enough' })
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PROBLEMS, problem, problemOf, problemResponse } from '#node/api/http/problem.ts'
import { InvalidKeyError, StoreError } from '#node/store/errors.ts'

describe('a problem', () => {
  it('says by its code what it is, and in its own words what is wrong here', () => {
    assert.deepEqual(problemOf(new InvalidKeyError('a key has 1 to 512 bytes')), {
      type: 'urn:kadlab:problem:InvalidKeyError',
      title: 'That is no key',
      status: 400,
      detail: 'a key has 1 to 512 bytes',
      code: 'InvalidKeyError',
    })
  })

  it('has the status of its kind, but where it is told another', () => {
    assert.equal(problemOf(new StoreError('few', { expected: 2, seen: 1 })).status, 503)
    assert.equal(problem('DisconnectedError', 'nobody', 502).status, 502)
    for (const { status } of Object.values(PROBLEMS)) assert.ok(status >= 400 && status < 600)
  })

  it("is the node's own where nobody foresaw it, whatever it is called", () => {
    for (const name of ['TypeError', 'constructor', '__proto__']) {
      const { status, code, title } = problem(name, 'x')
      assert.deepEqual([status, code, title], [500, name, 'The node failed'])
    }
    assert.equal(problemOf('thrown text').code, 'Error')
  })

  it('is answered as its media type, which no browser takes for a page', async () => {
    const answer = problemResponse(problem('NotFoundError', '<script>'))
    assert.equal(answer.status, 404)
    assert.equal(answer.headers.get('content-type'), 'application/problem+json')
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff')
    assert.equal(((await answer.json()) as { detail: string }).detail, '<script>')
  })
})

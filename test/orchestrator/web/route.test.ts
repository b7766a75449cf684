import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HOME, parseRoute, type Route, routeHash } from '#orchestrator/web/route.ts'

describe('the address of a place in a page', () => {
  const routes: Route[] = [
    HOME,
    { variant: 'bug', node: null, target: null, at: null },
    { variant: 'bug', node: 'A', target: null, at: 3 },
    { variant: 'bug', node: 'A', target: 'B', at: 0 },
    { variant: 'ä/?#%', node: 'a b', target: '<i>', at: 12 },
  ]
  for (const route of routes) {
    it(`leads back to it: ${routeHash(route)}`, () => {
      assert.deepEqual(parseRoute(routeHash(route)), route)
    })
  }

  it('means what it can where it was cut off or made up', () => {
    assert.deepEqual(parseRoute(''), HOME)
    assert.deepEqual(parseRoute('#bug/%E0%A4'), { ...HOME, variant: 'bug' })
    assert.deepEqual(parseRoute('#bug?at=-1'), { ...HOME, variant: 'bug' })
    assert.deepEqual(parseRoute('#bug?at=99999999999'), { ...HOME, variant: 'bug' })
  })
})

import { deepEqual } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { refusedIn, refusedSince } from '../../../../scripts/bench/attack/refusals.ts'

const PAGE = `# HELP kadlab_refused_total What this node refused strangers
# TYPE kadlab_refused_total counter
kadlab_refused_total{what="silent-connection"} 12
kadlab_refused_total{what="push"} 0
kadlab_records_refused_total{why="full"} 3
kadlab_api_refused_total{why="BadHostError"} 4
kadlab_records 7
`

describe('refusals of a node', () => {
  it('are read of its metrics, each kind by itself', () => {
    deepEqual(refusedIn(PAGE), {
      'silent-connection': 12,
      push: 0,
      'records full': 3,
      'api BadHostError': 4,
    })
  })

  it('are told of a while, without what was not refused then', () => {
    deepEqual(refusedSince({ push: 2 }, { push: 2, message: 5 }), { message: 5 })
  })
})

import assert from 'node:assert/strict'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { simRun } from '#test/support/sim-run.ts'

const SCENARIO = `name: shapes
title: shapes
sites: { net: { nat: public }, home: { nat: port-forward } }
nodes:
  A: { site: net, env: { PUBLIC_IP: '{public}' } }
  H: { site: home, bootstrap: [A], env: { PUBLIC_IP: '{public}' } }
variants:
  slow:
    steps:
      - expect: [{ observer: A, dialable: H }]
      - { shape: home, to: { latency: 6s } }
      - expect: [{ observer: A, not-dialable: H, cause: ADDRESS_TIMED_OUT, within: 2m }]
  next:
    steps:
      - expect: [{ observer: A, dialable: H, within: 5s }]
`

describe('a link that a step has changed', () => {
  it('is another for its variant alone', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-shape-'))
    const file = join(folder.path, 'shapes.yaml')
    await writeFile(file, SCENARIO)
    const { events } = await simRun(file, folder.path)
    const ends = events.filter((event) => event.type === 'variant-end')
    assert.deepEqual(
      ends.map(({ variant, holds }) => [variant, holds]),
      [
        ['slow', true],
        ['next', true],
      ],
    )
  })
})

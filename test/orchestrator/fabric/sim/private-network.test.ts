import assert from 'node:assert/strict'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { main } from '#orchestrator/cli.ts'

const KEY = 'dffb7e3135399a8b1612b2aaca1c36a3a8ac2cd0cca51ceeb2ced87d308cac6d'

const scenario = (keyFile: string): string => `
name: private-network
title: two nodes with a swarm key, and one without
sites: { open: { nat: public } }
nodes:
  A: { site: open, env: { SWARM_KEY_FILE: '${keyFile}' } }
  B: { site: open, bootstrap: [A, C], env: { SWARM_KEY_FILE: '${keyFile}' } }
  C: { site: open, bootstrap: [A] }
steps:
  - expect:
      - { observer: A, dialable: B }
      - { observer: B, dialable: A }
      - { observer: B, not-lists: C, cause: PRIVATE_NETWORK }
      - { observer: C, not-lists: A, cause: PRIVATE_NETWORK }
  - { node: B, put: greeting, value: hello }
  - expect:
      - { node: A, reads: greeting, value: hello }
`

describe('a private network in simulated time', () => {
  it('holds its nodes and nobody else, the same in every run, and its key is told nowhere', async () => {
    await using dir = await mkdtempDisposable(join(tmpdir(), 'kadlab-'))
    const keyFile = join(dir.path, 'swarm.key')
    await writeFile(keyFile, `/key/swarm/psk/1.0.0/\n/base16/\n${KEY}\n`)
    const file = join(dir.path, 'private-network.yaml')
    await writeFile(file, scenario(keyFile))
    let output = ''
    const words = ['scenario', file, '--fabric', 'sim', '--check-determinism', '--report', 'report']
    const status = await main(words, {
      stdout: (text) => void (output += text),
      stderr: (text) => void (output += text),
      isTerminal: false,
      columns: 88,
      env: {},
      directory: dir.path,
      signal: new AbortController().signal,
    })
    assert.equal(status, 0, output)
    assert.doesNotMatch(output, new RegExp(KEY.slice(0, 16)))
  })
})

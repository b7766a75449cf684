import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  commandOptionsOf,
  environmentOf,
  parseEngines,
  readEngines,
} from '#orchestrator/fabric/swarm/engines-file.ts'

describe('the file of engines', () => {
  it('names an engine a line, without comments and empty lines', () => {
    const text = '# manager first\nssh://vm-1\n\n  vm-2   # a context\n'
    assert.deepEqual(parseEngines(text), ['ssh://vm-1', 'vm-2'])
  })

  it('is refused where it names none, or one twice', () => {
    assert.throws(() => parseEngines('# nothing\n'), /names none.*a manager of the Swarm first/)
    assert.throws(() => parseEngines('a\nb\na\n'), /names `a` twice/)
  })

  it('has to be named, and there', async () => {
    await assert.rejects(readEngines(null), /needs --engines <file>/)
    await assert.rejects(readEngines('/nowhere/engines'), /\/nowhere\/engines cannot be read/)
  })

  it('finds each engine as the docker command does', () => {
    const env = { DOCKER_HOST: 'unix:///x', DOCKER_CONTEXT: 'y', HOME: '/h' }
    assert.deepEqual(environmentOf('ssh://vm-1', env), {
      HOME: '/h',
      DOCKER_HOST: 'ssh://vm-1',
      DOCKER_CONTEXT: '',
    })
    assert.deepEqual(environmentOf('vm-2', env), {
      HOME: '/h',
      DOCKER_HOST: '',
      DOCKER_CONTEXT: 'vm-2',
    })
    assert.equal(commandOptionsOf('ssh://vm-1'), '-H ssh://vm-1 ')
    assert.equal(commandOptionsOf('vm-2'), '--context vm-2 ')
  })
})

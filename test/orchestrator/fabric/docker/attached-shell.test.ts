import assert from 'node:assert/strict'
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { afterEach, beforeEach, describe, it } from 'node:test'
import {
  type AttachedShell,
  createAttachedShell,
  SERVE_COMMANDS,
} from '#orchestrator/fabric/docker/attached-shell.ts'

describe('an attached shell', () => {
  let child: ChildProcessWithoutNullStreams
  let shell: AttachedShell
  let lines: string[]
  beforeEach(() => {
    child = spawn('sh', ['-c', `echo 'kadlab: routing'\n${SERVE_COMMANDS}`])
    lines = []
    shell = createAttachedShell(child.stdout, child.stdin, (line) => lines.push(line))
  })
  afterEach(() => {
    child.kill('SIGKILL')
  })

  it('returns what a command printed, on either stream, to the letter', async () => {
    assert.equal(await shell.run(['printf', 'one\\ntwo\\n']), 'one\ntwo\n')
    assert.equal(
      await shell.run(['sh', '-c', 'printf said; printf complained >&2']),
      'saidcomplained',
    )
    assert.equal(await shell.run(['true']), '')
  })

  it('keeps every word as it is', async () => {
    const words = [`it's`, '$HOME `id` "x"', 'a\\nb', '*', '']
    assert.equal(await shell.run(['printf', '<%s>', ...words]), words.map((w) => `<${w}>`).join(''))
  })

  it('answers each of several at once with its own', async () => {
    const calls = [3, 2, 1].map((n) => shell.run(['sh', '-c', `sleep 0.0${n}; echo ${n}`]))
    assert.deepEqual(await Promise.all(calls), ['3\n', '2\n', '1\n'])
  })

  it('tells what failed, with its status and its words, and serves on', async () => {
    await assert.rejects(shell.run(['sh', '-c', 'echo no such table >&2; exit 3']), {
      name: 'CommandFailedError',
      message: /ended with status 3: no such table$/,
    })
    assert.equal(await shell.run(['echo', 'on']), 'on\n')
  })

  it('leaves lines that no command printed to others', async () => {
    await shell.run(['echo', 'kadlab: 7'])
    assert.deepEqual(lines, ['kadlab: routing'])
  })

  it('gives a command no share of what is asked next', async () => {
    const [first, second] = await Promise.all([shell.run(['cat']), shell.run(['echo', 'mine'])])
    assert.deepEqual([first, second], ['', 'mine\n'])
  })

  it('rejects what runs, and what waits, when the container ends', async () => {
    const calls = [shell.run(['sleep', '60']), shell.run(['true'])]
    child.kill('SIGKILL')
    for (const call of calls) await assert.rejects(call, { name: 'CommandFailedError' })
    await assert.rejects(shell.run(['true']), { name: 'CommandFailedError' })
  })
})

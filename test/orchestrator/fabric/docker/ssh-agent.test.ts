import assert from 'node:assert/strict'
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { createDockerFabric } from '#orchestrator/fabric/docker/docker-fabric.ts'
import { connectEngine } from '#orchestrator/fabric/docker/engine.ts'
import { startStandInEngine } from '#test/support/stand-in-engine.ts'

interface StandInSsh extends AsyncDisposable {
  env: Record<string, string>
  /** The arguments of each start. */
  starts(): Promise<string[][]>
}

/** An `ssh` that is none, first in PATH: writes its arguments down, then does what `body` says (for Node). */
async function standInSsh(body: string): Promise<StandInSsh> {
  const folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-ssh-'))
  const log = join(folder.path, 'starts')
  const program = [
    `#!${process.execPath}`,
    `require('node:fs').appendFileSync(${JSON.stringify(log)}, JSON.stringify(process.argv.slice(2)) + '\\n')`,
    body,
  ]
  await writeFile(join(folder.path, 'ssh'), program.join('\n'), { mode: 0o755 })
  return {
    env: { PATH: folder.path, DOCKER_HOST: 'ssh://me@lab-alias:2222' },
    starts: async () =>
      (await readFile(log, 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as string[]),
    [Symbol.asyncDispose]: () => folder.remove(),
  }
}

/** Joins the standard streams to a socket, as `docker system dial-stdio` does at the other end. */
function dialStdio(host: string): string {
  const path = JSON.stringify(host.replace('unix://', ''))
  return `const s = require('node:net').connect(${path}); process.stdin.pipe(s).pipe(process.stdout)`
}

describe('an engine over SSH', () => {
  it('is reached by the system’s ssh, which gets the alias, the user and the port, and checks the host', async () => {
    await using standIn = await startStandInEngine()
    await using ssh = await standInSsh(dialStdio(standIn.host))
    const engine = await connectEngine({ env: ssh.env })
    assert.equal(engine.version, '26.1.5')
    standIn.answer('GET /networks', { status: 200, body: [{ Name: 'x' }] })
    assert.deepEqual(await engine.docker.listNetworks(), [{ Name: 'x' }])
    const [first = [], ...more] = await ssh.starts()
    assert.deepEqual(first.slice(-3), ['--', 'lab-alias', 'docker system dial-stdio'])
    assert.ok(first.join(' ').includes('-l me -p 2222'))
    // Whether a host's key is known is for ssh to say.
    assert.doesNotMatch(first.join(' '), /StrictHostKeyChecking/)
    assert.equal(more.length, 0, 'one connection serves several calls')
  })

  it('that ssh refuses is one line with what ssh said', async () => {
    await using ssh = await standInSsh(
      `console.error('WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!\\nHost key verification failed.'); process.exit(255)`,
    )
    const { available, detail } = await createDockerFabric({ env: ssh.env }).probe()
    assert.equal(available, false)
    assert.equal(
      detail,
      'No Docker engine answers at ssh://me@lab-alias:2222 (DOCKER_HOST): ssh ended with status 255: Host key verification failed.',
    )
  })

  it('without an ssh is one line too', async () => {
    const env = { PATH: '/nowhere', DOCKER_HOST: 'ssh://far' }
    const { available, detail } = await createDockerFabric({ env }).probe()
    assert.equal(available, false)
    assert.match(detail, /ssh cannot be started \(spawn ssh ENOENT\)\.$/)
  })
})

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import {
  type DockerEndpoint,
  findEndpoint,
  parseEndpoint,
} from '#orchestrator/fabric/docker/endpoint.ts'
import { clientOptions } from '#orchestrator/fabric/docker/engine.ts'
import { sshArguments } from '#orchestrator/fabric/docker/ssh-agent.ts'

interface HomeFile {
  path: string
  text: string
}

async function find(
  files: HomeFile[],
  env: Record<string, string> = {},
  platform: NodeJS.Platform = 'linux',
): Promise<DockerEndpoint> {
  await using home = await mkdtempDisposable(join(tmpdir(), 'kadlab-home-'))
  for (const { path, text } of files) {
    await mkdir(join(home.path, path, '..'), { recursive: true })
    await writeFile(join(home.path, path), text)
  }
  return await findEndpoint({ env, homeFolder: home.path, platform })
}

function contextFiles(name: string, docker: object): HomeFile[] {
  const id = createHash('sha256').update(name).digest('hex')
  const text = JSON.stringify({ Name: name, Endpoints: { docker } })
  return [{ path: `.docker/contexts/meta/${id}/meta.json`, text }]
}

function current(name: string): HomeFile {
  return { path: '.docker/config.json', text: JSON.stringify({ currentContext: name }) }
}

describe('where the engine is', () => {
  it("is the platform's default socket where nothing says otherwise", async () => {
    assert.equal((await find([])).host, 'unix:///var/run/docker.sock')
    assert.equal((await find([], {}, 'win32')).host, 'npipe:////./pipe/docker_engine')
  })

  it('is what DOCKER_HOST says, whatever context is current', async () => {
    const files = [...contextFiles('far', { Host: 'tcp://far:2375' }), current('far')]
    const endpoint = await find(files, { DOCKER_HOST: 'unix:///tmp/x.sock', DOCKER_CONTEXT: 'far' })
    assert.deepEqual(endpoint, { source: 'DOCKER_HOST', host: 'unix:///tmp/x.sock', tls: null })
  })

  it('reads a DOCKER_HOST without a scheme as TCP', async () => {
    const endpoint = await find([], { DOCKER_HOST: '10.0.0.5:2375' })
    assert.equal(endpoint.host, 'tcp://10.0.0.5:2375')
  })

  it('is what the current context says', async () => {
    const files = [...contextFiles('far', { Host: 'ssh://me@far:2222' }), current('far')]
    const endpoint = await find(files)
    assert.deepEqual(endpoint, { source: 'context `far`', host: 'ssh://me@far:2222', tls: null })
  })

  it('is what DOCKER_CONTEXT says, before the current context', async () => {
    const files = [
      ...contextFiles('far', { Host: 'tcp://far:2375' }),
      ...contextFiles('near', { Host: 'unix:///near.sock' }),
      current('far'),
    ]
    assert.equal((await find(files, { DOCKER_CONTEXT: 'near' })).host, 'unix:///near.sock')
  })

  it('is the default socket where the context is called default', async () => {
    const files = [current('far')]
    const endpoint = await find(files, { DOCKER_CONTEXT: 'default' })
    assert.equal(endpoint.source, 'default socket')
  })

  it('takes a configuration folder elsewhere', async () => {
    const files = contextFiles('far', { Host: 'tcp://far:2375' }).map(({ path, text }) => ({
      path: path.replace('.docker', 'elsewhere'),
      text,
    }))
    await using home = await mkdtempDisposable(join(tmpdir(), 'kadlab-home-'))
    for (const { path, text } of files) {
      await mkdir(join(home.path, path, '..'), { recursive: true })
      await writeFile(join(home.path, path), text)
    }
    const env = { DOCKER_CONFIG: join(home.path, 'elsewhere'), DOCKER_CONTEXT: 'far' }
    const endpoint = await findEndpoint({ env, homeFolder: home.path, platform: 'linux' })
    assert.equal(endpoint.host, 'tcp://far:2375')
  })

  it("takes a context's TLS files along", async () => {
    const [meta] = contextFiles('far', { Host: 'tcp://far:2376' })
    assert.ok(meta !== undefined)
    const folder = meta.path.replace('/meta/', '/tls/').replace('meta.json', 'docker')
    const tls = ['ca', 'cert', 'key'].map((name) => ({
      path: `${folder}/${name}.pem`,
      text: `the ${name}`,
    }))
    const endpoint = await find([meta, current('far'), ...tls])
    assert.deepEqual(endpoint.tls, { ca: 'the ca', cert: 'the cert', key: 'the key', verify: true })
    const { protocol, host, port, ca, cert, key } = clientOptions(endpoint, {})
    assert.deepEqual(
      { protocol, host, port, ca, cert, key },
      {
        protocol: 'https',
        host: 'far',
        port: 2376,
        ca: 'the ca',
        cert: 'the cert',
        key: 'the key',
      },
    )
  })

  it('takes TLS for DOCKER_HOST from DOCKER_CERT_PATH', async () => {
    const files = [{ path: 'certificates/ca.pem', text: 'the ca' }]
    await using home = await mkdtempDisposable(join(tmpdir(), 'kadlab-home-'))
    await mkdir(join(home.path, 'certificates'))
    for (const { path, text } of files) await writeFile(join(home.path, path), text)
    const env = {
      DOCKER_HOST: 'tcp://far:2376',
      DOCKER_TLS_VERIFY: '1',
      DOCKER_CERT_PATH: join(home.path, 'certificates'),
    }
    const { tls } = await findEndpoint({ env, homeFolder: home.path, platform: 'linux' })
    assert.deepEqual(tls, { ca: 'the ca', cert: null, key: null, verify: true })
  })

  it('is refused where TLS is asked for and its files are missing', async () => {
    await using home = await mkdtempDisposable(join(tmpdir(), 'kadlab-home-'))
    const find = (env: Record<string, string>): Promise<DockerEndpoint> =>
      findEndpoint({ env, homeFolder: home.path, platform: 'linux' })
    const env = { DOCKER_HOST: 'tcp://far:2376', DOCKER_CERT_PATH: home.path }
    await assert.rejects(find({ ...env, DOCKER_TLS_VERIFY: '1' }), {
      name: 'EngineUnavailableError',
      message: /DOCKER_TLS_VERIFY asks for TLS, and .* has neither ca\.pem nor cert\.pem/,
    })
    await writeFile(join(home.path, 'cert.pem'), 'the cert')
    await assert.rejects(find(env), {
      name: 'EngineUnavailableError',
      message: /key\.pem is missing/,
    })
  })

  it('is unknown, and says so, where the file of a context is cut', async () => {
    const [meta] = contextFiles('far', { Host: 'tcp://far:2376' })
    assert.ok(meta !== undefined)
    const cut = { ...meta, text: meta.text.slice(0, 20) }
    await assert.rejects(find([cut, current('far')]), {
      name: 'EngineUnavailableError',
      message: /meta\.json is not JSON/,
    })
  })

  it('is unknown, and says so, where the context named does not exist', async () => {
    await assert.rejects(find([current('gone')]), {
      name: 'EngineUnavailableError',
      message: /context `gone` names no engine .*docker context ls/,
    })
  })
})

function at(host: string): DockerEndpoint {
  return { source: 'test', host, tls: null }
}

describe("the client library's settings", () => {
  it('are a path for sockets and named pipes', () => {
    assert.deepEqual(clientOptions(at('unix:///run/x.sock'), {}), { socketPath: '/run/x.sock' })
    assert.deepEqual(clientOptions(at('npipe:////./pipe/docker_engine'), {}), {
      socketPath: '//./pipe/docker_engine',
    })
  })

  it('are the connections of the system’s own ssh, whose configuration has user and port', () => {
    const { protocol, agent } = clientOptions(at('ssh://far'), {}) as {
      protocol: string
      agent: object
    }
    assert.equal(protocol, 'http')
    assert.ok(agent !== undefined)
    const plain = parseEndpoint(at('ssh://far'))
    assert.deepEqual([plain.hostname, plain.port, plain.username], ['far', null, ''])
    const whole = parseEndpoint(at('ssh://me@far:2222'))
    assert.deepEqual([whole.hostname, whole.port, whole.username], ['far', 2222, 'me'])
    assert.deepEqual(sshArguments(plain).slice(-3), ['--', 'far', 'docker system dial-stdio'])
    assert.ok(sshArguments(whole).join(' ').includes('-l me -p 2222 -- far'))
  })

  const WRONG: [string, RegExp][] = [
    ['fd://', /`fd:\/\/` is for an engine that listens/],
    ['tcp://', /names nothing behind its scheme/],
    ['tcp://far:99999', /has the port 99999/],
    ['tcp://far:port', /is no host and port/],
    ['ssh://-oProxyCommand=x', /begins with a dash/],
    ['gopher://far', /has no scheme that is known/],
    ['far', /has no scheme that is known/],
  ]
  for (const [host, message] of WRONG) {
    it(`are refused in one line for ${host}`, () => {
      assert.throws(
        () => clientOptions(at(host), {}),
        (error: Error) => {
          assert.equal(error.name, 'EngineUnavailableError')
          assert.match(error.message, message)
          assert.ok(!error.message.includes('\n'))
          return true
        },
      )
    })
  }

  it('are host and port over TCP', () => {
    const options = clientOptions(at('tcp://far:1234'), {})
    assert.deepEqual(options, { protocol: 'http', host: 'far', port: 1234 })
  })

  it('skip the verification of the server where the context says so, and nowhere else', () => {
    const tls = { ca: null, cert: null, key: null, verify: false }
    const loose = clientOptions({ ...at('tcp://far:2376'), tls }, {}) as { agent?: object }
    assert.ok(loose.agent !== undefined)
    const strict = clientOptions({ ...at('tcp://far:2376'), tls: { ...tls, verify: true } }, {})
    assert.ok(!('agent' in strict))
  })
})

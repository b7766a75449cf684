import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import { CONFIG_VARIABLES } from '#node/config/config.ts'
import { parseUnit } from '#test/terraform/vm/unit-file.ts'
import { interpolate, readCompose } from './compose-file.ts'

/** Variables that a Compose file reads, with their defaults; null where it must be given. */
function variablesOf(path: string): Map<string, string | null> {
  const text = readFileSync(path, 'utf8')
  const found = text.matchAll(/\$\{([A-Z_]+)(?::-([^}]*)|:\?[^}]*)\}/g)
  return new Map([...found].map(([, name = '', otherwise]) => [name, otherwise ?? null]))
}

/** Variables of an example, with the values that they show. */
function exampleOf(path: string): Map<string, string> {
  const found = readFileSync(path, 'utf8').matchAll(/^#?([A-Z_]+)=(.*)$/gm)
  return new Map([...found].map(([, name = '', value = '']) => [name, value]))
}

describe('settings of the Compose files', () => {
  for (const [file, example] of [
    ['compose/compose.yaml', '.env.example'],
    ['compose/server/compose.yaml', 'compose/server/.env.example'],
    ['compose/join/compose.yaml', 'compose/join/.env.example'],
  ] as const) {
    it(`stand in ${example} with their defaults, all of them`, () => {
      assert.deepEqual(
        Object.fromEntries(exampleOf(example)),
        Object.fromEntries(
          [...variablesOf(file)].map(([name, otherwise]) => [name, otherwise ?? '']),
        ),
      )
    })
  }

  it('of the other ways in are asked for by the node, so that logs and down need none', () => {
    for (const [way, variable] of [
      ['server', 'PUBLIC_IP'],
      ['join', 'BOOTSTRAP'],
    ] as const) {
      const path = `compose/${way}/compose.yaml`
      assert.equal(variablesOf(path).get(variable), '')
      const [script = ''] = readCompose(path).services['node']?.command ?? []
      assert.ok(
        script.startsWith(`[ -n "$$${variable}" ] || { echo '${variable}: expected `),
        script,
      )
      assert.match(script, /exit 2; \}\nexec node \/app\/kadlab\.mjs\n$/)
    }
  })

  it('are the same base images in every file', () => {
    const image = variablesOf('compose/compose.yaml').get('NODE_IMAGE')
    for (const way of ['server', 'join']) {
      assert.equal(variablesOf(`compose/${way}/compose.yaml`).get('NODE_IMAGE'), image)
    }
  })
})

describe('the other ways in', () => {
  it('hand the node variables that it reads', () => {
    for (const way of ['server', 'join']) {
      const { services } = readCompose(`compose/${way}/compose.yaml`)
      for (const name of Object.keys(services['node']?.environment ?? {})) {
        assert.ok(
          CONFIG_VARIABLES.some((variable) => variable.name === name),
          name,
        )
      }
    }
  })

  it('publish the port that peers dial at the server, and nothing at home', () => {
    const server = readCompose('compose/server/compose.yaml').services['node']
    assert.deepEqual(
      server?.ports?.map((port) => interpolate(port)),
      ['3000:3000'],
    )
    assert.equal(readCompose('compose/join/compose.yaml').services['node']?.ports, undefined)
  })

  it('start a node again however often it ends by itself: the engine waits longer each time', () => {
    for (const way of ['server', 'join']) {
      const { services } = readCompose(`compose/${way}/compose.yaml`)
      assert.equal(services['node']?.restart, 'on-failure')
    }
  })

  it('have a unit that starts the server with the machine, and with Docker, and tries a wrong setting once', () => {
    const text = readFileSync('compose/server/kadlab.service', 'utf8')
    const unit = parseUnit(text)
    const compose = ['/usr/bin/docker', 'compose', '-f', 'compose/server/compose.yaml']
    assert.deepEqual(unit.start.words, [...compose, 'up', '--detach', '--wait'])
    assert.deepEqual(unit.stop, [{ words: [...compose, 'stop'], mayFail: false }])
    assert.deepEqual([unit.oneshot, unit.restartAlways], [true, false])
    assert.deepEqual(unit.requires, ['docker.service'])
    for (const line of [
      'After=network-online.target docker.service',
      'PartOf=docker.service',
      'RemainAfterExit=yes',
      'WantedBy=multi-user.target',
    ]) {
      assert.ok(text.split('\n').includes(line), line)
    }
  })
})

describe('the images that a tag pushes', () => {
  it('are built from the targets of the Dockerfile, for a tag alone, where somebody has said whither', () => {
    const { on, jobs } = parse(readFileSync('.github/workflows/images.yml', 'utf8')) as {
      on: unknown
      jobs: { images: { if: string; strategy: { matrix: { target: string[] } } } }
    }
    assert.deepEqual(on, { push: { tags: ['v*'] } })
    assert.equal(jobs.images.if, "vars.IMAGES != ''")
    const stages = readFileSync('node/Dockerfile', 'utf8').matchAll(/^FROM \S+ AS (\w+)$/gm)
    const targets = [...stages].map(([, name]) => name)
    for (const target of jobs.images.strategy.matrix.target) assert.ok(targets.includes(target))
  })

  it('are what every Compose file takes where they are named, and builds where they are not', () => {
    const settings = { KADLAB_IMAGE: 'a/kadlab-node:1', KADLAB_ROUTER_IMAGE: 'a/kadlab-router:1' }
    for (const path of [
      'compose/compose.yaml',
      'compose/server/compose.yaml',
      'compose/join/compose.yaml',
    ]) {
      const built = Object.values(readCompose(path).services).filter(
        ({ build }) => build !== undefined,
      )
      assert.ok(built.length > 0)
      for (const { image } of built) {
        assert.match(interpolate(image, {}), /^kadlab-(node|router):compose$/)
        assert.match(interpolate(image, settings), /^a\/kadlab-(node|router):1$/)
      }
    }
  })
})

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import type { ValidateFunction } from 'ajv'
import draft4 from 'ajv-draft-04'
import formats from 'ajv-formats'
import { parse } from 'yaml'
import { CONFIG_VARIABLES, parseConfig } from '#node/config/config.ts'
import { fileOf, type Rendered, renderMachines, SOME_IMAGE } from './rendered.ts'
import { PROJECT } from './terraform.ts'
import { parseUnit } from './vm/unit-file.ts'

const execute = promisify(execFile)
const SCHEMA = join(
  PROJECT,
  '.cache/cloud-init/usr/lib/python3/dist-packages/cloudinit/config/schemas/schema-cloud-config-v1.json',
)
const noSchema = existsSync(SCHEMA)
  ? false
  : 'cloud-init is not unpacked: test/terraform/setup.sh does it'

interface JsonSchema {
  allOf: { $ref: string }[]
  $defs: Record<string, { properties?: object }>
}

/** Complaints about a cloud-config: of the schema, and about words that no module of cloud-init knows. */
function complaints(text: string): string[] {
  const schema = JSON.parse(readFileSync(SCHEMA, 'utf8')) as JsonSchema
  const Ajv = draft4 as unknown as new (options: object) => { compile(s: object): ValidateFunction }
  const ajv = new Ajv({ strict: false, allErrors: true })
  ;(formats as unknown as (to: unknown) => void)(ajv)
  const validate = ajv.compile(schema)
  const config = parse(text) as Record<string, unknown>
  const known = new Set(
    Object.values(schema.$defs).flatMap((def) => Object.keys(def.properties ?? {})),
  )
  const unknown = Object.keys(config).filter((word) => !known.has(word))
  validate(config)
  return [
    ...unknown.map((word) => `${word}: unknown`),
    ...(validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`),
  ]
}

describe('what a machine is given', () => {
  let nodes: Rendered[]
  let watched: Rendered[]

  before(async () => {
    nodes = await renderMachines({ image: SOME_IMAGE })
    watched = await renderMachines({
      image: SOME_IMAGE,
      monitoring: true,
      identity: 'generated',
      log_level: 'debug',
      kademlia: {
        protocol: '/mine/kad/1.0.0',
        bucket_size: 8,
        parallelism: 3,
        query_timeout_ms: 9000,
        refresh_interval_ms: 60_000,
      },
      environment: { PUT_MIN_COPIES: '2' },
      dial_private_cidrs: ['10.30.0.0/16', '10.40.0.0/16'],
    })
  })

  it("holds against cloud-init's own schema", { skip: noSchema }, () => {
    for (const { name, customData } of [...nodes, ...watched]) {
      assert.ok(customData.startsWith('#cloud-config\n'))
      assert.deepEqual(complaints(customData), [], name)
    }
  })

  it('would not pass with a misspelled word or a mode that is a number', { skip: noSchema }, () => {
    const text = nodes[0]?.customData ?? ''
    assert.notDeepEqual(complaints(text.replace('"package_update":', '"package_updat":')), [])
    assert.notDeepEqual(complaints(text.replace('"permissions": "0755"', '"permissions": 493')), [])
  })

  it("is an environment that the node's own configuration takes", () => {
    const known = CONFIG_VARIABLES.map(({ name }) => name as string)
    for (const { name, userData } of [...nodes, ...watched]) {
      if (userData.schema !== 'kadlab.vm/1') continue
      const config = parseConfig(userData.environment)
      assert.deepEqual(config.listen, ['/ip4/0.0.0.0/tcp/3000'])
      assert.match(config.publicIp ?? '', /^20\.50\.0\.\d+$/)
      assert.equal(config.bootstrap.length, name === 'kadlab-00' ? 0 : 1)
      assert.equal(config.build, userData.release)
      const strange = Object.keys(userData.environment).filter((word) => !known.includes(word))
      assert.deepEqual(strange, [], 'every variable is one of the node')
    }
  })

  it('carries the settings to what the node takes them for', () => {
    const config = parseConfig(watched[1]?.userData.environment ?? {})
    assert.equal(config.kadProtocol, '/mine/kad/1.0.0')
    assert.deepEqual(
      [
        config.kadBucketSize,
        config.kadParallelism,
        config.kadQueryTimeoutMs,
        config.kadRefreshIntervalMs,
      ],
      [8, 3, 9000, 60_000],
    )
    assert.equal(config.putMinCopies, 2)
    assert.deepEqual(config.dialPrivate, ['10.30.0.0/16', '10.40.0.0/16'])
    assert.deepEqual(config.metricsListen, { host: '0.0.0.0', port: 9464 })
    assert.equal(parseConfig(nodes[1]?.userData.environment ?? {}).dialPrivate, false)
  })

  it('reserves names that the node has', () => {
    const settings = readFileSync(join(PROJECT, 'terraform/settings.tf'), 'utf8')
    const list = /environment_of_the_module = \[([^\]]+)\]/.exec(settings)?.[1] ?? ''
    const reserved = list.match(/[A-Z_]+/g) ?? []
    const known = CONFIG_VARIABLES.map(({ name }) => name as string)
    assert.ok(reserved.length > 10)
    assert.deepEqual(
      reserved.filter((name) => !known.includes(name)),
      [],
    )
  })

  it('has scripts that bash can read, and units that start what is there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kadlab-scripts-'))
    try {
      for (const machine of [...nodes, ...watched]) {
        const paths = machine.config.write_files.map(({ path }) => path)
        assert.equal(new Set(paths).size, paths.length)
        for (const { path, content } of machine.config.write_files) {
          if (content.startsWith('#!/bin/bash')) {
            await writeFile(join(folder, 'script'), content)
            await execute('bash', ['-n', join(folder, 'script')])
          }
          if (!path.endsWith('.service')) continue
          const { start } = parseUnit(content)
          const program = start.words[0] ?? ''
          assert.ok(program === '/usr/bin/docker' || paths.includes(program), `${path}: ${program}`)
        }
      }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  it('runs the node as a hardened container, with the API on loopback', () => {
    const [node] = nodes
    assert.ok(node !== undefined)
    const line = parseUnit(fileOf(node, '/etc/systemd/system/kadlab.service')).start.words.join(' ')
    for (const flags of [
      '--user 1000:1000',
      '--read-only',
      '--cap-drop ALL',
      '--security-opt no-new-privileges',
      '--pids-limit 128',
      '--memory 640m',
      '--publish 3000:3000/tcp',
      '--publish 127.0.0.1:8080:8080/tcp',
    ]) {
      assert.ok(line.includes(flags), flags)
    }
    assert.doesNotMatch(line, /--privileged|--network host|docker\.sock|--env /)
  })
})

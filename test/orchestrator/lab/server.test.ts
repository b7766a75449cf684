import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { serveLab, type ServedLab } from '#orchestrator/lab/server.ts'
import type { LabProblem, LabStart, LabState } from '#orchestrator/web/lab/protocol.ts'
import { RED } from '#test/support/scenario-text.ts'

const CLI = resolve(import.meta.dirname, '../../../orchestrator/cli.ts')

/** Does not hold: nobody announces a public address. */
const UNLISTED = `
name: unlisted
title: an expectation that does not come true
sites: { a: { nat: one-to-one }, b: { nat: one-to-one } }
nodes: { A: { site: a }, B: { site: b, bootstrap: [A] } }
steps:
  - expect: [{ observer: A, lists: B, within: 1s }]
`

/** Runs until it is interrupted, and then says so. */
const ENDLESS = `
process.on('SIGINT', () => { console.error('cleaned up'); process.exit(130) })
console.log(JSON.stringify({ type: 'progress', text: process.argv.slice(2).join(' '), variant: null, atMs: 0 }))
setInterval(() => {}, 1000)
`

interface Answer {
  status: number
  headers: IncomingMessage['headers']
  body: string
}

interface Question {
  method?: string
  path?: string
  body?: unknown
  /** Instead of what the lab's own page sends; null leaves one out. */
  headers?: Record<string, string | null>
}

/** Asks as the lab's page does, but for what the question says. */
async function ask(
  lab: ServedLab,
  { method = 'GET', path = '/', body, headers }: Question = {},
): Promise<Answer> {
  const { port, hash, origin } = new URL(lab.url)
  const own = { authorization: `Bearer ${hash.slice(1)}`, origin, host: `127.0.0.1:${port}` }
  const all = Object.entries({ ...own, ...headers }).filter(([, value]) => value !== null)
  const sent = request({
    agent: false,
    port,
    path,
    method,
    headers: Object.fromEntries(all) as Record<string, string>,
  })
  sent.end(body === undefined ? undefined : JSON.stringify(body))
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  let text = ''
  response.setEncoding('utf8').on('data', (more: string) => (text += more))
  await once(response, 'end')
  return { status: response.statusCode ?? 0, headers: response.headers, body: text }
}

async function stateAfter(lab: ServedLab, change: number): Promise<LabState> {
  const { body } = await ask(lab, { path: `/api/state?after=${change}` })
  return JSON.parse(body) as LabState
}

/** The first state that the test is after. */
async function stateThat(lab: ServedLab, is: (state: LabState) => boolean): Promise<LabState> {
  let state = await stateAfter(lab, -1)
  while (!is(state)) state = await stateAfter(lab, state.change)
  return state
}

const run = (text: string): Question => ({
  method: 'POST',
  path: '/api/runs',
  body: { text, fabric: 'sim', seed: 7, realTime: false },
})

describe('the lab', () => {
  let folder: Awaited<ReturnType<typeof mkdtempDisposable>>
  before(async () => {
    folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-lab-test-'))
    await writeFile(join(folder.path, 'endless.mjs'), ENDLESS)
  })
  after(() => folder.remove())

  const serve = (entry: string): Promise<ServedLab> =>
    serveLab({
      port: 0,
      starter: 'name: starter\n',
      command: { entry, directory: folder.path, env: { PATH: process.env['PATH'] } },
    })
  const serveEndless = (): Promise<ServedLab> => serve(join(folder.path, 'endless.mjs'))

  it('gives its page to a browser of this machine, under a policy without exceptions', async () => {
    await using lab = await serveEndless()
    assert.match(lab.url, /^http:\/\/127\.0\.0\.1:\d+\/#[\w-]{32}$/)
    const [one, other] = [await ask(lab), await ask(lab)]
    assert.equal(one.status, 200)
    const policy = String(one.headers['content-security-policy'])
    assert.match(policy, /default-src 'none'; script-src 'sha256-[^ ]+'; style-src 'nonce-[^ ]+';/)
    assert.doesNotMatch(policy, /unsafe|\*(?!$|;)/)
    assert.match(policy, /frame-ancestors 'none'/)
    assert.notEqual(policy, other.headers['content-security-policy'])
    // Who can ask for the page has not got what lets it in by that.
    assert.ok(!one.body.includes(new URL(lab.url).hash.slice(1)))
  })

  it('refuses other names, other origins and whoever does not know its address', async () => {
    await using lab = await serveEndless()
    const { port } = new URL(lab.url)
    const refused: [Question, number][] = [
      [{ headers: { host: `evil.example:${port}` } }, 403],
      [{ path: '/api/start', headers: { host: 'evil.example' } }, 403],
      [{ path: '/api/start', headers: { authorization: null } }, 401],
      [{ path: '/api/start', headers: { authorization: 'Bearer x' } }, 401],
      [{ path: '/api/state?after=-1', headers: { authorization: 'Bearer' } }, 401],
      [{ ...run(RED), headers: { authorization: null } }, 401],
      [{ ...run(RED), headers: { origin: null } }, 403],
      [{ ...run(RED), headers: { origin: 'null' } }, 403],
      [{ ...run(RED), headers: { origin: 'http://evil.example' } }, 403],
      [{ ...run(RED), headers: { origin: `http://127.0.0.1:${Number(port) - 1}` } }, 403],
      [{ path: '/api/stop', method: 'POST', headers: { origin: `http://localhost:${port}` } }, 403],
      [{ path: '/api/stop' }, 404],
      [{ path: '/../package.json' }, 404],
      [run('x'.repeat(3_000_000)), 413],
      [{ ...run(RED), body: { text: RED, fabric: 'swarm', seed: 1, realTime: false } }, 400],
      [{ ...run(RED), body: { text: RED, fabric: '--help', seed: 1, realTime: false } }, 400],
      [{ ...run(RED), body: { text: RED, fabric: 'sim', seed: -1, realTime: false } }, 400],
    ]
    for (const [question, status] of refused) {
      const answer = await ask(lab, question)
      assert.equal(
        answer.status,
        status,
        `${JSON.stringify(question).slice(0, 200)}: ${answer.body}`,
      )
    }
    assert.equal((await stateAfter(lab, -1)).run, null)
    const host = `localhost:${port}`
    const local = { ...run(RED), headers: { host, origin: `http://${host}` } }
    assert.equal((await ask(lab, local)).status, 201)
  })

  it('brings the catalogue, and no other file', async () => {
    await using lab = await serveEndless()
    const start = JSON.parse((await ask(lab, { path: '/api/start' })).body) as LabStart
    assert.ok(start.scenarios.some(({ name }) => name === 'nat-two-nodes'))
    assert.deepEqual(
      start.fabrics.map(({ name }) => name),
      ['sim', 'netns', 'docker'],
    )
    assert.equal(start.variables['PUBLIC_IP'] !== undefined, true)
    const { body } = await ask(lab, { path: '/api/scenarios/nat-two-nodes' })
    assert.match(body, /^name: nat-two-nodes$/m)
    await writeFile(join(folder.path, 'mine.yaml'), RED)
    const other = join(folder.path, 'mine.yaml')
    for (const name of [other, './mine', '../scenario/schema.ts', 'nat-two-nodes.yaml']) {
      const path = `/api/scenarios/${encodeURIComponent(name)}`
      assert.equal((await ask(lab, { path })).status, 404, name)
    }
  })

  it('says what is wrong in a text, and does not run it', async () => {
    await using lab = await serveEndless()
    const text = RED.replace('nat: public', 'nat: publik')
    const check = { method: 'POST', path: '/api/check', body: { text, fabric: 'sim' } }
    const { faults } = JSON.parse((await ask(lab, check)).body) as Required<LabProblem>
    assert.deepEqual([faults[0]?.line, faults[0]?.column], [4, 23])
    const refused = await ask(lab, run(text))
    assert.equal(refused.status, 422)
    assert.deepEqual((JSON.parse(refused.body) as LabProblem).faults, faults)
    assert.equal((await stateAfter(lab, -1)).run, null)
  })

  it('runs one at a time, and stops it as Ctrl-C would', async () => {
    await using lab = await serveEndless()
    assert.equal((await ask(lab, run(RED))).status, 201)
    const second = await ask(lab, run(RED))
    assert.equal(second.status, 409)
    assert.match(second.body, /under way/)
    const { run: first } = await stateAfter(lab, -1)
    assert.ok(first !== null)
    // It listens for the signal once it has said something.
    const stream = await fetch(`${first.url}events`)
    const { value } = (await stream.body?.getReader().read()) ?? {}
    const words = Buffer.from(value as Uint8Array).toString()
    assert.match(words, /scenario \/[^ ]+red\.yaml --fabric sim --seed 7 --events"/)
    await ask(lab, { method: 'POST', path: '/api/stop' })
    const { run: ended } = await stateThat(lab, ({ run }) => run?.state === 'ended')
    assert.deepEqual([ended?.status, ended?.said], [130, 'cleaned up\n'])
    const [, file = ''] = /scenario (\/[^ ]+)/.exec(words) ?? []
    await assert.rejects(readFile(file), { code: 'ENOENT' })
    assert.equal((await ask(lab, run(RED))).status, 201)
  })

  it('ends what runs when it ends, and may end twice', async () => {
    await using lab = await serveEndless()
    await ask(lab, run(RED))
    const { run: first } = await stateAfter(lab, -1)
    const stream = await fetch(`${first?.url}events`)
    const reader = stream.body?.getReader()
    await reader?.read()
    await lab[Symbol.asyncDispose]()
    await lab[Symbol.asyncDispose]()
    assert.equal((await reader?.read())?.done, true)
  })

  it('serves the page of a run to itself alone, with everything that happened', async () => {
    await using lab = await serve(CLI)
    await ask(lab, run(UNLISTED))
    const { run: ended } = await stateThat(lab, ({ run }) => run?.state === 'ended')
    assert.equal(ended?.status, 1)
    assert.match(ended.said, /^report reports\/unlisted-sim\/latest\n$/)
    const page = await fetch(ended.url)
    const { port } = new URL(lab.url)
    assert.equal(
      page.headers.get('content-security-policy'),
      `frame-ancestors http://127.0.0.1:${port} http://localhost:${port}`,
    )
    const report = await readFile(
      join(folder.path, 'reports/unlisted-sim/latest/report.json'),
      'utf8',
    )
    assert.equal((JSON.parse(report) as { seed: number }).seed, 7)
  })
})

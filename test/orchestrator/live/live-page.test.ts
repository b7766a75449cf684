import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { describe, it } from 'node:test'
import { findScenario } from '#orchestrator/catalogue/catalogue.ts'
import { packetToBytes } from '#orchestrator/fabric/sim/packet-bytes.ts'
import { serveLivePage } from '#orchestrator/live/live-page.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'
import type { RunEvent } from '#orchestrator/run/events.ts'

interface Answer {
  status: number
  body: string
}

interface Options {
  method?: string
  headers?: Record<string, string>
}

/** Asks, and resolves once the answer begins. */
async function open(url: string, options: Options = {}): Promise<IncomingMessage> {
  const sent = request(url, { method: 'GET', ...options }).end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  return response
}

async function read(response: IncomingMessage): Promise<Answer> {
  let body = ''
  response.setEncoding('utf8').on('data', (text: string) => (body += text))
  await once(response, 'end')
  return { status: response.statusCode ?? 0, body }
}

async function ask(url: string, options: Options = {}): Promise<Answer> {
  return read(await open(url, options))
}

const progress = (text: string): RunEvent => ({ type: 'progress', text, variant: null, atMs: 0 })

/** The texts of the progress that a stream carried. */
function texts({ body }: Answer): string[] {
  return [...body.matchAll(/^data: (.*)$/gm)].map(
    ([, json = '']) => (JSON.parse(json) as { text: string }).text,
  )
}

describe('the live page', () => {
  it('is served on loopback, with what happened before it was opened', async () => {
    await using page = await serveLivePage('a run')
    assert.match(page.url, /^http:\/\/127\.0\.0\.1:\d+\/$/)
    assert.match((await ask(page.url)).body, /<title>a run<\/title>/)
    page.onEvent(progress('one'))
    const stream = read(await open(`${page.url}events`))
    page.onEvent(progress('two'))
    await page[Symbol.asyncDispose]()
    assert.deepEqual(texts(await stream), ['one', 'two'])
  })

  it('goes on where a page lost it', async () => {
    await using page = await serveLivePage('a run')
    for (const text of ['one', 'two', 'three']) page.onEvent(progress(text))
    const stream = read(await open(`${page.url}events`, { headers: { 'last-event-id': '2' } }))
    await page[Symbol.asyncDispose]()
    assert.deepEqual(texts(await stream), ['three'])
  })

  it('answers nobody who comes under another name, and changes nothing', async () => {
    await using page = await serveLivePage('a run')
    const { port } = new URL(page.url)
    for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1', '127.0.0.1:1']) {
      const { status, body } = await ask(page.url, { headers: { host } })
      assert.equal(status, 403, host)
      assert.doesNotMatch(body, /<title>/)
    }
    assert.equal((await ask(page.url, { headers: { host: `localhost:${port}` } })).status, 200)
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      assert.equal((await ask(page.url, { method })).status, 405, method)
    }
    assert.equal((await ask(`${page.url}../etc`)).status, 404)
  })

  it('sends logs, leaves out the state of routers, and can be ended twice while a page reads', async () => {
    await using page = await serveLivePage('a run')
    const stream = read(await open(`${page.url}events`))
    page.onEvent({ type: 'node-log', node: 'A', line: 'x', variant: null, atMs: 0 })
    page.onEvent({ type: 'router-state', router: 'r', files: {}, atMs: 0 })
    page.onEvent(progress('one'))
    await page[Symbol.asyncDispose]()
    await page[Symbol.asyncDispose]()
    page.onEvent(progress('late'))
    const types = [...(await stream).body.matchAll(/"type":"([a-z-]+)"/g)].map(([, type]) => type)
    assert.deepEqual(types, ['node-log', 'progress'])
  })

  it('sends packets, between the events where they crossed', async () => {
    const { scenario } = await findScenario('nat-two-nodes')
    const [plan] = planScenario(scenario, { seed: 1, taken: [] })
    assert.ok(plan !== undefined)
    const bytes = packetToBytes({
      protocol: 'udp',
      source: { address: '11.0.0.12', port: 1 },
      destination: { address: '11.0.0.11', port: 2 },
      payload: Buffer.from('hi'),
    })
    await using page = await serveLivePage('a run')
    const stream = read(await open(`${page.url}events`))
    page.onEvent(progress('one'))
    page.onPacket({ plan, network: 'internet', bytes, atMs: 1 })
    page.onEvent(progress('two'))
    await page[Symbol.asyncDispose]()
    const lines = [...(await stream).body.matchAll(/^data: (.*)$/gm)].map(([, json]) => json ?? '')
    assert.equal(lines.length, 3)
    assert.match(lines[1] ?? '', /"packet"[^]*"11\.0\.0\.12:1"[^]*"UDP 2 bytes"/)
  })
})

import { randomBytes } from 'node:crypto'
import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { z } from 'zod'
import { describeError } from '#node/base/errors.ts'
import { VARIABLES } from '#node/config/variables.ts'
import { catalogue, scenarioText } from '#orchestrator/catalogue/catalogue.ts'
import { closeServer, listenOnLoopback, loopbackHosts } from '#orchestrator/live/loopback.ts'
import { LAB_CLIENT, webClient } from '#orchestrator/report/web-client.ts'
import { FABRICS, type FabricName, rankedFabrics } from '#orchestrator/scenario/fabrics.ts'
import { scenarioJsonSchema } from '#orchestrator/scenario/json-schema.ts'
import type { LabStart } from '#orchestrator/web/lab/protocol.ts'
import { checkScenario } from './check.ts'
import type { CommandPlace } from './command.ts'
import { RunUnderWayError } from './errors.ts'
import { guard } from './guard.ts'
import { labPage } from './page.ts'
import { Runs } from './runs.ts'

/** Bytes of a request: a scenario of the most keys that one may have is smaller. */
const MOST_BYTES = 2_000_000

/** After which a page that waits for news is told that there are none. */
const LONGEST_WAIT_MS = 60_000

/** A lab that is served on loopback. */
export interface ServedLab extends AsyncDisposable {
  /** Where a browser of this machine finds it; what stands behind `#` lets it in. */
  readonly url: string
}

export interface LabOptions {
  /** 0: a free one. */
  port: number
  /** A scenario to begin with. */
  starter: string
  /** What runs scenarios. */
  command: CommandPlace
}

const checkRequest = z.object({
  text: z.string(),
  fabric: z.enum(rankedFabrics() as [FabricName, ...FabricName[]]),
})
const runRequest = checkRequest.extend({
  seed: z.int().min(0).max(0xff_ff_ff_ff),
  realTime: z.boolean(),
})

/**
 * Serves the lab.
 *
 * @throws LivePageError where the port cannot be had
 */
export async function serveLab({ port: wanted, starter, command }: LabOptions): Promise<ServedLab> {
  const client = await webClient(LAB_CLIENT)
  const token = randomBytes(24).toString('base64url')
  let port = 0
  const runs = new Runs(command, () => loopbackHosts(port).map((host) => `http://${host}`))
  const closing = new AbortController()
  const app = new Hono()
  app.use(async (context, next) => {
    await next()
    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value)
  })
  app.use(guard({ port: () => port, token }))
  app.use(bodyLimit({ maxSize: MOST_BYTES, onError: (context) => tooLong(context) }))
  app.get('/', (context) => {
    const { html, policy } = labPage(client, randomBytes(18).toString('base64'))
    context.header('content-security-policy', policy)
    return context.html(html)
  })
  app.get('/api/start', async (context) => context.json(await startOf(starter)))
  app.get('/api/scenarios/:name', async (context) => {
    const text = await scenarioText(context.req.param('name'))
    return text === null ? context.json({ error: 'no such scenario' }, 404) : context.text(text)
  })
  app.get('/api/state', async (context) => {
    const after = Number(context.req.query('after') ?? -1)
    // A browser gives an answer up that does not come at all.
    const enough = AbortSignal.timeout(LONGEST_WAIT_MS)
    const signal = AbortSignal.any([context.req.raw.signal, closing.signal, enough])
    return context.json(await runs.after(after, signal).catch(() => runs.state))
  })
  app.post('/api/check', async (context) => {
    const { text, fabric } = checkRequest.parse(await context.req.json())
    return context.json({ faults: checkScenario(text, fabric).faults })
  })
  app.post('/api/runs', async (context) => {
    const request = runRequest.parse(await context.req.json())
    const { name, faults } = checkScenario(request.text, request.fabric)
    if (name === null) return context.json({ error: 'the scenario cannot run', faults }, 422)
    return context.json(await runs.start(name, request), 201)
  })
  app.post('/api/stop', (context) => context.json(runs.stop()))
  app.notFound((context) => context.json({ error: 'there is nothing' }, 404))
  app.onError((error, context) => {
    if (error instanceof RunUnderWayError) return context.json({ error: error.message }, 409)
    if (error instanceof SyntaxError || error instanceof z.ZodError) {
      return context.json({ error: `expected another request: ${error.message}` }, 400)
    }
    return context.json({ error: describeError(error) }, 500)
  })

  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server
  port = await listenOnLoopback(server, wanted)
  return {
    url: `http://127.0.0.1:${port}/#${token}`,
    async [Symbol.asyncDispose]() {
      closing.abort()
      await Promise.all([closeServer(server), runs[Symbol.asyncDispose]()])
    },
  }
}

/** Pages of other sites neither read it nor open it as a window of theirs. */
const HEADERS = {
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

function tooLong(context: Context): Response {
  return context.json({ error: `expected at most ${MOST_BYTES} bytes` }, 413)
}

async function startOf(starter: string): Promise<LabStart> {
  const scenarios = (await catalogue()).map(({ fabrics: _fabrics, ...scenario }) => scenario)
  const fabrics = rankedFabrics()
    .toReversed()
    .map((name) => ({ name, doc: FABRICS[name].doc, simulatesTime: FABRICS[name].simulatesTime }))
  const variables = Object.fromEntries(
    Object.entries(VARIABLES).map(([name, { doc }]) => [name, doc]),
  )
  return { scenarios, fabrics, starter, schema: scenarioJsonSchema(), variables }
}

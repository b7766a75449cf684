import { request, type RequestOptions } from 'node:http'

/**
 * The image's health check, a program of its own: asks the node in the same container whether it is well, where
 * `API_LISTEN` says that it answers. Exit status 0 well, 1 not. Imports nothing, as it runs every few seconds. Its one
 * argument is the path that it asks for: `/healthz` where there is none; `/readyz` asks whether the node has joined too.
 */
const where = process.env['API_LISTEN'] ?? ''
const token = process.env['API_TOKEN']?.trim() ?? ''
const path = process.argv[2] ?? '/healthz'

function target(): RequestOptions {
  if (where.startsWith('/') || where.startsWith('./')) return { socketPath: where }
  const colon = where.lastIndexOf(':')
  const host = where.slice(0, colon).replaceAll(/[[\]]/g, '')
  // A node that listens everywhere listens on loopback.
  const everywhere = host === '0.0.0.0' || host === '::'
  return { host: everywhere ? 'localhost' : host, port: where.slice(colon + 1) }
}

function fail(why: string): void {
  process.stderr.write(`${where}: ${why}\n`)
  process.exitCode = 1
}

// Without an API there is nobody to ask: the process itself is all there is to tell.
if (where !== '') {
  const headers = token === '' ? {} : { authorization: `Bearer ${token}` }
  const asked = request({ ...target(), path, headers, timeout: 2000 }, (answer) => {
    // What it waits for is in the answer, and `docker inspect` shows it.
    let said = ''
    answer.on('data', (data: Buffer) => (said += data.toString()))
    answer.on('end', () => {
      if (answer.statusCode !== 200) fail(`${path} answered ${answer.statusCode} ${said}`)
    })
  })
  asked.on('timeout', () => asked.destroy(new Error('no answer within 2 s')))
  asked.on('error', (error) => fail(error.message))
  asked.end()
}

import { request, type RequestOptions } from 'node:http'

/**
 * The image's health check, a program of its own: asks the node in the same container whether it is well, where
 * `API_LISTEN` says that it answers. Exit status 0 well, 1 not. Imports nothing, as it runs every few seconds.
 */
const where = process.env['API_LISTEN'] ?? ''

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
  const asked = request({ ...target(), path: '/healthz', timeout: 2000 }, (answer) => {
    answer.resume()
    if (answer.statusCode !== 200) fail(`/healthz answered ${answer.statusCode}`)
  })
  asked.on('timeout', () => asked.destroy(new Error('no answer within 2 s')))
  asked.on('error', (error) => fail(error.message))
  asked.end()
}

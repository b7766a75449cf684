// Azure's services that a virtual machine of the tests asks: the instance metadata service at its real address, and blobs.
// Runs in the namespace of the test's internet:  metadata.ts FOLDER. User data lies in FOLDER/user-data/<private IP>,
// blobs in FOLDER/blobs/<path>.
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { BLOB_IP, METADATA_IP } from './addresses.ts'

const folder = process.argv[2] ?? ''

function userData(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://metadata')
  const file = join(folder, 'user-data', request.socket.remoteAddress ?? '')
  const isRight =
    request.headers['metadata'] === 'true' &&
    pathname === '/metadata/instance/compute/userData' &&
    searchParams.get('format') === 'text' &&
    searchParams.has('api-version')
  if (!isRight) response.writeHead(400).end()
  else if (!existsSync(file)) response.writeHead(404).end()
  else response.end(readFileSync(file))
}

function blob(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://blobs')
  const file = join(folder, 'blobs', decodeURIComponent(pathname))
  const expiry = Date.parse(searchParams.get('se') ?? '')
  if (!searchParams.has('sig') || !(expiry > Date.now())) response.writeHead(403).end()
  else if (!existsSync(file)) response.writeHead(404).end()
  else response.end(readFileSync(file))
}

for (const [host, handle] of [
  [METADATA_IP, userData],
  [BLOB_IP, blob],
] as const) {
  await once(createServer(handle).listen(80, host), 'listening')
}
process.stdout.write('ready\n')

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { KadlabError } from '#node/base/errors.ts'

const execute = promisify(execFile)

/** The az command is missing, not logged in, or refuses. */
export class AzureError extends KadlabError {
  static override readonly name = 'AzureError'
}

/** A cluster that terraform/ made: a resource group with its tags. */
export interface Deployment {
  name: string
  resourceGroup: string
  location: string
  /** Null where it never expires. */
  expires: Date | null
}

interface Group {
  name: string
  location: string
  tags: Record<string, string> | null
}

/** Runs `az` with JSON output. @throws AzureError with what az said. */
async function az(args: readonly string[], signal?: AbortSignal): Promise<string> {
  try {
    const options = { maxBuffer: 64 << 20, ...(signal === undefined ? {} : { signal }) }
    const { stdout } = await execute('az', [...args, '--output', 'json'], options)
    return stdout
  } catch (cause) {
    const { code, stderr = '' } = cause as { code?: string; stderr?: string }
    const said = code === 'ENOENT' ? 'the az command is not installed' : stderr.trim()
    throw new AzureError(`az ${args.join(' ')} failed: ${said}; try \`az login\` first`, { cause })
  }
}

/** The deployments of the subscription that az is logged in to, those that expire first first. */
export async function listDeployments(
  options: { signal?: AbortSignal } = {},
): Promise<Deployment[]> {
  const text = await az(['group', 'list', '--tag', 'kadlab-deployment'], options.signal)
  return (JSON.parse(text) as Group[])
    .map((group) => toDeployment(group))
    .toSorted((a, b) => (a.expires?.getTime() ?? Infinity) - (b.expires?.getTime() ?? Infinity))
}

function toDeployment({ name, location, tags }: Group): Deployment {
  const expires = tags?.['kadlab-expires']
  const date = expires === undefined ? null : new Date(expires)
  if (date !== null && Number.isNaN(date.getTime())) {
    throw new AzureError(`expected a time in the tag kadlab-expires of ${name}, saw ${expires}`)
  }
  return {
    name: tags?.['kadlab-deployment'] ?? name,
    resourceGroup: name,
    location,
    expires: date,
  }
}

/** Is its time over? */
export function isPast({ expires }: Deployment, now: Date): boolean {
  return expires !== null && expires.getTime() <= now.getTime()
}

/** One line for people. */
export function describeDeployment(deployment: Deployment, now: Date): string {
  const { name, resourceGroup, location, expires } = deployment
  return `${name} (${resourceGroup}, ${location}): ${describeExpiry(expires, now)}`
}

function describeExpiry(expires: Date | null, now: Date): string {
  if (expires === null) return 'never expires'
  const hours = Math.round(Math.abs(expires.getTime() - now.getTime()) / 3_600_000)
  return expires.getTime() <= now.getTime()
    ? `EXPIRED ${hours} h ago, and costs money`
    : `expires in ${hours} h`
}

/** Deletes the resource group, and with it everything; Azure goes on with that by itself. */
export async function endDeployment(
  { resourceGroup }: Deployment,
  options: { signal?: AbortSignal } = {},
): Promise<void> {
  await az(['group', 'delete', '--name', resourceGroup, '--yes', '--no-wait'], options.signal)
}

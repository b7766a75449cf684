import { z } from 'zod'
import { describeError, KadlabError } from '../base/errors.ts'

/** The list of hosts is none. */
export class HostsError extends KadlabError {
  static override readonly name = 'HostsError'
}

const HostSchema = z.object({
  name: z.string().min(1),
  /** With or without /p2p. */
  multiaddr: z.string().regex(/^\/(ip4|ip6|dns[46]?)\/[^/]+\/tcp\/\d+(\/p2p\/\w+)?$/),
  /** Null where the node made its own identity. */
  peerId: z.string().nullable(),
  /** What the host should run: the build in its agent version. */
  release: z.string().exactOptional(),
  /** Where the host stands on Azure; absent where it does not. */
  azure: z
    .object({
      resourceGroup: z.string(),
      virtualMachine: z.string(),
      networkSecurityGroup: z.string(),
      securityRule: z.string(),
    })
    .exactOptional(),
})

const HostsSchema = z.object({
  schema: z.literal('kadlab.hosts/1'),
  name: z.string(),
  protocol: z.string().startsWith('/'),
  hosts: z.array(HostSchema).min(1),
})

export type Host = z.output<typeof HostSchema>

/** A deployed cluster, as `terraform output -json hosts` tells it. */
export type Hosts = z.output<typeof HostsSchema>

/**
 * Reads a list of hosts.
 *
 * @throws HostsError with every fault
 */
export function parseHosts(text: string): Hosts {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new HostsError(
      `expected JSON as \`terraform output -json hosts\` prints it: ${describeError(cause)}`,
      { cause },
    )
  }
  const result = HostsSchema.safeParse(json)
  if (result.success) return result.data
  throw new HostsError(
    `expected a list of hosts as \`terraform output -json hosts\` prints it:\n${z.prettifyError(result.error)}`,
  )
}

import { z } from 'zod'
import { describeError, KadlabError } from '../base/errors.ts'
import { readPeerId } from '../base/read-peer-id.ts'
import { hostPort, peerIdOf, withoutPeerId } from '../judgement/multiaddr-facts.ts'

/** The list of hosts is none. */
export class HostsError extends KadlabError {
  static override readonly name = 'HostsError'
}

/** A peer id, however it is spelled, as nodes print it. */
const PeerIdSchema = z.string().transform((spelled, context) => {
  const read = readPeerId(spelled)
  if (read !== null) return read
  context.addIssue({ code: 'custom', message: `expected a peer id, saw ${spelled}` })
  return z.NEVER
})

/** With its peer id, where it has one, as nodes print it. */
function withCanonicalId(address: string): string {
  const peerId = peerIdOf(address)
  return peerId === null ? address : `${withoutPeerId(address)}/p2p/${peerId}`
}

const HostSchema = z.object({
  name: z.string().min(1),
  /** With or without /p2p. */
  multiaddr: z
    .string()
    .regex(/^\/(ip4|ip6|dns[46]?)\/[^/]+\/tcp\/\d+(\/p2p\/\w+)?$/)
    .transform(withCanonicalId),
  /** Null where the node made its own identity. */
  peerId: PeerIdSchema.nullable(),
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

/** Peers that a person named, as a list of hosts: each by its name, or by where it is. */
export function hostsOf(
  { addresses, names }: { addresses: readonly string[]; names: ReadonlyMap<string, string> },
  protocol: string,
): Hosts {
  const hosts = addresses.map((multiaddr): Host => {
    const peerId = peerIdOf(multiaddr)
    const at = hostPort(multiaddr)
    const place = at === null ? multiaddr : `${at.host}:${at.port ?? ''}`
    return { name: (peerId === null ? undefined : names.get(peerId)) ?? place, multiaddr, peerId }
  })
  return { schema: 'kadlab.hosts/1', name: 'peers', protocol, hosts }
}

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

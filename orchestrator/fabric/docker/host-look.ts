import { createInterface } from 'node:readline'
import type { AbortOptions } from '#node/base/abort-options.ts'
import { describeError } from '#node/base/errors.ts'
import { createAttached } from './containers.ts'
import type { Engine } from './engine.ts'
import { engineName, labelsOf, type LabIdentity } from './labels.ts'
import { untilAborted } from './until-aborted.ts'

/** What the host of the engine says of its own network. */
export interface HostLook {
  /** `nft list ruleset`; null where nft cannot read it. */
  ruleset: string | null
  /** Whether bridged packets pass the firewall's rules; null where the module is not loaded. */
  bridgesFiltered: boolean | null
  /** Tables of the older iptables, which nft does not show. */
  legacyTables: string[]
  /** `ip -o -4 addr`. */
  addresses: string
  /** `ip -4 route show table all`. */
  routes: string
}

/** Marks what follows as the answer to one question. */
const MARK = 'kadlab-look:'

const QUESTIONS = {
  ruleset: 'nft list ruleset',
  filtered: 'cat /proc/sys/net/bridge/bridge-nf-call-iptables',
  legacy: 'cat /proc/net/ip_tables_names',
  addresses: 'ip -o -4 addr',
  routes: 'ip -4 route show table all',
} as const

const SCRIPT = Object.entries(QUESTIONS)
  .map(
    ([name, command]) =>
      `if said=$(${command} 2>/dev/null); then printf '%s\n' "${MARK} ${name}" "$said"; fi`,
  )
  .join('\n')

/** The host could not be looked at; `detail` says why, in one line. */
export interface HostHidden {
  detail: string
}

/**
 * Looks at the network of the engine's own host, from a container that shares it: works on a remote engine and in the
 * virtual machine of a desktop. It changes nothing there.
 */
export async function lookAtHost(
  engine: Engine,
  lab: LabIdentity,
  image: string,
  { signal, name = 'look' }: { name?: string } & AbortOptions = {},
): Promise<HostLook | HostHidden> {
  signal?.throwIfAborted()
  try {
    await using container = await createAttached(engine, {
      title: name,
      options: {
        name: engineName(lab, name),
        Image: image,
        Entrypoint: ['sh', '-c'],
        Cmd: [SCRIPT],
        User: '0',
        Labels: labelsOf(lab, 'agent', name),
        // nft needs the right to ask. Where the engine maps users, only the host's own may share its network.
        HostConfig: { NetworkMode: 'host', UsernsMode: 'host', CapAdd: ['NET_ADMIN'], Dns: [] },
      },
    })
    const lines: string[] = []
    createInterface({ input: container.output }).on('line', (line) => lines.push(line))
    await container.start()
    await untilAborted(signal, container.exit)
    return parseLook(lines)
  } catch (error) {
    signal?.throwIfAborted()
    return { detail: describeError(error) }
  }
}

function parseLook(lines: readonly string[]): HostLook {
  const said = new Map<string, string[]>()
  let current: string[] = []
  for (const line of lines) {
    if (line.startsWith(`${MARK} `)) said.set(line.slice(MARK.length + 1), (current = []))
    else current.push(line)
  }
  const textOf = (name: keyof typeof QUESTIONS): string | null => said.get(name)?.join('\n') ?? null
  const filtered = textOf('filtered')
  return {
    ruleset: textOf('ruleset'),
    bridgesFiltered: filtered === null ? null : filtered.trim() === '1',
    legacyTables: (textOf('legacy') ?? '').split('\n').filter((name) => name !== ''),
    addresses: textOf('addresses') ?? '',
    routes: textOf('routes') ?? '',
  }
}

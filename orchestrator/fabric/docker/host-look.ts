import { createInterface } from 'node:readline'
import type { AbortOptions } from '#node/base/abort-options.ts'
import { describeError } from '#node/base/errors.ts'
import { untilAborted } from '#node/time/until-aborted.ts'
import { createAttached } from './containers.ts'
import type { Engine } from './engine.ts'
import { engineName, labelsOf, type LabIdentity } from './labels.ts'

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
  const said = await runLook(engine, lab, image, QUESTIONS, { signal, name, network: 'host' })
  if ('detail' in said) return said
  const filtered = said.get('filtered')
  return {
    ruleset: said.get('ruleset') ?? null,
    bridgesFiltered: filtered === undefined ? null : filtered.trim() === '1',
    legacyTables: (said.get('legacy') ?? '').split('\n').filter((table) => table !== ''),
    addresses: said.get('addresses') ?? '',
    routes: said.get('routes') ?? '',
  }
}

/**
 * Runs commands in a container of its own, one after the other; returns what each printed that ended well, by its name.
 *
 * @param network - `host`: that of the engine's machine; `none`: one of its own, with nothing in it
 */
export async function runLook(
  engine: Engine,
  lab: LabIdentity,
  image: string,
  questions: Readonly<Record<string, string>>,
  { signal, name, network }: { name: string; network: 'host' | 'none' } & AbortOptions,
): Promise<Map<string, string> | HostHidden> {
  signal?.throwIfAborted()
  try {
    await using container = await createAttached(engine, {
      title: name,
      options: {
        name: engineName(lab, name),
        Image: image,
        Entrypoint: ['sh', '-c'],
        Cmd: [scriptOf(questions)],
        User: '0',
        Labels: labelsOf(lab, 'agent', name),
        HostConfig: {
          NetworkMode: network,
          // Where the engine maps users, only the host's own may share its network.
          ...(network === 'host' ? { UsernsMode: 'host' } : {}),
          // nft needs the right to ask.
          CapAdd: ['NET_ADMIN'],
          Dns: [],
        },
      },
    })
    const lines: string[] = []
    createInterface({ input: container.output }).on('line', (line) => lines.push(line))
    await container.start()
    await untilAborted(signal, container.exit)
    return answersIn(lines)
  } catch (error) {
    signal?.throwIfAborted()
    return { detail: describeError(error) }
  }
}

function scriptOf(questions: Readonly<Record<string, string>>): string {
  return Object.entries(questions)
    .map(
      ([name, command]) =>
        `if said=$(${command} 2>/dev/null); then printf '%s\n' "${MARK} ${name}" "$said"; fi`,
    )
    .join('\n')
}

function answersIn(lines: readonly string[]): Map<string, string> {
  const said = new Map<string, string[]>()
  let current: string[] = []
  for (const line of lines) {
    if (line.startsWith(`${MARK} `)) said.set(line.slice(MARK.length + 1), (current = []))
    else current.push(line)
  }
  return new Map([...said].map(([name, answer]) => [name, answer.join('\n')]))
}

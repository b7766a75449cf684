import { access, constants, readFile } from 'node:fs/promises'
import { release } from 'node:os'
import { delimiter, join } from 'node:path'
import type { AbortOptions } from '#node/base/abort-options.ts'
import type { Availability } from '../fabric.ts'
import { NamespaceCommandError, NamespacesUnavailableError } from './errors.ts'
import { Namespaces, PATH } from './namespaces.ts'

/** What a lab runs, and the Debian package that has it. */
const COMMANDS: Readonly<Record<string, string>> = {
  unshare: 'util-linux',
  nsenter: 'util-linux',
  mount: 'mount',
  ip: 'iproute2',
  nft: 'nftables',
  conntrack: 'conntrack',
}

/** Settings by which a machine forbids users to have namespaces, and the value that allows it. */
const SETTINGS: readonly { name: string; forbids: string; allows: string }[] = [
  { name: 'kernel.unprivileged_userns_clone', forbids: '0', allows: '1' },
  { name: 'user.max_user_namespaces', forbids: '0', allows: '15000' },
  { name: 'kernel.apparmor_restrict_unprivileged_userns', forbids: '1', allows: '0' },
]

/** All that a lab does to the kernel, once: a bridge, a cable, a host of its own, translation with conntrack. */
const TRIAL = [
  'set -eu',
  'ip link add br0 up type bridge',
  'ip netns add trial',
  'ip link add c1 master br0 up type veth peer name eth0 netns trial',
  `nsenter --net=/run/netns/trial -- nft 'table ip trial { chain out { type nat hook postrouting priority srcnat; ct state new snat to 192.0.2.1; }; }'`,
  'nsenter --net=/run/netns/trial -- conntrack -F',
].join('\n')

/** Whether a lab can be had on this machine, found out by making one and ending it. */
export async function examineMachine({ signal }: AbortOptions = {}): Promise<Availability> {
  if (process.platform !== 'linux') return no('namespaces are a thing of Linux')
  const missing: string[] = []
  for (const command of Object.keys(COMMANDS)) {
    if (!(await isOnPath(command))) missing.push(command)
  }
  if (missing.length > 0) {
    const packages = [...new Set(missing.map((command) => COMMANDS[command]))]
    return no(
      `the ${missing.length === 1 ? 'command' : 'commands'} ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing: install ${packages.join(', ')}`,
    )
  }
  try {
    await using namespaces = await Namespaces.start(signal === undefined ? {} : { signal })
    await namespaces.runScript('a trial', TRIAL)
    const who = process.getuid?.() === 0 ? 'as root' : 'as an ordinary user'
    return { available: true, detail: `Linux ${release()}, ${who}`, engine: null }
  } catch (error) {
    signal?.throwIfAborted()
    if (
      !(error instanceof NamespacesUnavailableError) &&
      !(error instanceof NamespaceCommandError)
    ) {
      throw error
    }
    return no(await whyNot(error.message))
  }
}

/** The setting that forbids it, where one does, else what was said. */
async function whyNot(said: string): Promise<string> {
  for (const { name, forbids, allows } of SETTINGS) {
    const value = await readFile(`/proc/sys/${name.replaceAll('.', '/')}`, 'utf8').catch(() => '')
    if (value.trim() !== forbids) continue
    return `this machine forbids users to have namespaces: \`sudo sysctl -w ${name}=${allows}\` allows it`
  }
  return `the kernel grants no namespaces with NAT (${said.split('\n')[0] ?? ''})`
}

function no(detail: string): Availability {
  return { available: false, detail, engine: null }
}

async function isOnPath(command: string): Promise<boolean> {
  for (const folder of PATH.split(delimiter)) {
    if (folder === '') continue
    try {
      await access(join(folder, command), constants.X_OK)
      return true
    } catch {
      // Perhaps in the next.
    }
  }
  return false
}

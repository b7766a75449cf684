import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Cloud, SecurityRule, VirtualMachine } from '../stub/azurerm.ts'
import { PROJECT } from '../terraform.ts'
import { BLOB_IP, GATEWAY, METADATA_IP } from './addresses.ts'

const execute = promisify(execFile)
const NODE = join(PROJECT, 'node_modules/node/bin/node')
const HERE = join(PROJECT, 'test/terraform/vm')
// A test that is killed takes its machines along: the kernel sees to it.
const DIE_WITH_US = ['--pdeathsig', 'KILL']
const OWN_NAMESPACES = ['--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private']

interface Machine {
  described: VirtualMachine
  namespace: string
  link: string
  root: string
  process: ChildProcess | null
}

export interface VirtualAzureOptions {
  /** Machines that are created switched off: `boot` starts them. */
  heldBack?: readonly string[]
  /** Changes user data on its way to the metadata service, for control experiments. */
  tamper?: (userData: Record<string, unknown>) => Record<string, unknown>
}

/**
 * Azure's data plane in network namespaces: one for each virtual machine, whose NIC has a 10.x address and nothing else,
 * and one between them that does 1:1 NAT to public-looking addresses, lets in what the security rules allow, and serves
 * metadata and blobs. There is no way out of it.
 *
 * In a machine run the very scripts and units that custom data brings; docker and systemctl are stand-ins.
 */
export class VirtualAzure implements AsyncDisposable {
  readonly cloud: Cloud
  readonly blobEndpoint = (): string => `http://${BLOB_IP}/`
  readonly #id = `k${randomBytes(2).toString('hex')}`
  readonly #machines = new Map<string, Machine>()
  readonly #rules = new Map<string, SecurityRule>()
  readonly #heldBack: readonly string[]
  readonly #tamper: VirtualAzureOptions['tamper']
  #folder = ''
  #services: ChildProcess | null = null
  #links = 0
  // Rulesets are loaded whole: one at a time.
  #reloading: Promise<void> = Promise.resolve()

  constructor(options: VirtualAzureOptions = {}) {
    this.#heldBack = options.heldBack ?? []
    this.#tamper = options.tamper
    this.cloud = {
      machineCreated: (machine) => this.#create(machine),
      userDataChanged: (machine) => this.#writeUserData(machine),
      machineDestroyed: (name) => this.#destroy(name),
      securityRuleChanged: async (rule, exists) => {
        const key = `${rule.group}/${rule.name}`
        if (exists) this.#rules.set(key, rule)
        else this.#rules.delete(key)
        await this.#reload()
      },
      blobStored: async (path, bytes) => {
        const file = join(this.#folder, 'blobs', path)
        await mkdir(dirname(file), { recursive: true })
        await writeFile(file, bytes)
      },
    }
  }

  async start(): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), 'kadlab-azure-'))
    await mkdir(join(this.#folder, 'user-data'))
    await mkdir(join(this.#folder, 'stand-ins'))
    for (const name of ['docker', 'systemctl']) {
      const script = `#!/bin/sh\nNODE_COMPILE_CACHE=/tmp/stand-ins exec ${NODE} ${HERE}/${name}.ts "$@"\n`
      await writeFile(join(this.#folder, 'stand-ins', name), script, { mode: 0o755 })
    }
    await this.#ip('netns', 'add', this.#id)
    await this.#ip('-n', this.#id, 'link', 'set', 'lo', 'up')
    for (const address of [METADATA_IP, BLOB_IP]) {
      await this.#ip('-n', this.#id, 'addr', 'add', `${address}/32`, 'dev', 'lo')
    }
    await this.#inInternet('/bin/sh', '-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward')
    await this.#reload()
    const services = ['ip', 'netns', 'exec', this.#id, NODE, join(HERE, 'metadata.ts')]
    this.#services = spawn('setpriv', [...DIE_WITH_US, ...services, this.#folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(this.#services.stdout ?? this.#services, 'data')
  }

  /** Starts a machine that was held back. */
  async boot(name: string): Promise<void> {
    const machine = this.#machine(name)
    const enter = ['netns', 'exec', machine.namespace, 'unshare', ...OWN_NAMESPACES]
    const script = [join(HERE, 'enter-machine.sh'), machine.root, PROJECT]
    const args = [...enter, ...script, join(this.#folder, 'stand-ins'), NODE]
    machine.process = spawn('setpriv', [...DIE_WITH_US, 'ip', ...args], {
      stdio: 'ignore',
      env: { PATH: process.env['PATH'] ?? '' },
    })
  }

  /** Runs a command in a machine's network, as the machine itself would; rejects where it fails. */
  async inMachine(name: string, ...command: string[]): Promise<string> {
    const { namespace } = this.#machine(name)
    const { stdout } = await execute('ip', ['netns', 'exec', namespace, ...command])
    return stdout
  }

  /** Runs a command in a machine, with its files and processes; standard output comes back whatever its status. */
  async onMachine(name: string, ...command: string[]): Promise<string> {
    const target = [`--target=${await this.#firstProcess(name)}`]
    const within = [...target, '--mount', '--pid', '--net', '--root']
    const { stdout } = await execute('nsenter', [...within, ...command]).catch(
      (error: { stdout?: string }) => ({ stdout: error.stdout ?? '' }),
    )
    return stdout
  }

  /** Runs a command where a machine's container runs. */
  async inContainer(name: string, ...command: string[]): Promise<string> {
    const pid = (await this.read(name, 'run/docker-stand-in/kadlab.pid')).trim()
    const first = await this.#firstProcess(name)
    const machine = [`--target=${first}`, '--mount', '--pid', '--root']
    const container = ['nsenter', `--target=${pid}`, '--net']
    const { stdout } = await execute('nsenter', [...machine, ...container, ...command])
    return stdout
  }

  /** A file of a machine. */
  async read(name: string, path: string): Promise<string> {
    return readFile(join(this.#machine(name).root, path), 'utf8')
  }

  get machines(): string[] {
    return [...this.#machines.keys()].toSorted()
  }

  /** Process ids that live in the namespaces of this Azure, other than its own services. */
  async processes(): Promise<string[]> {
    const { stdout } = await execute('ip', ['netns', 'list'])
    const own = stdout.match(new RegExp(`^${this.#id}-\\S+`, 'gm')) ?? []
    const pids = await Promise.all(
      own.map(async (namespace) => (await execute('ip', ['netns', 'pids', namespace])).stdout),
    )
    return pids.flatMap((text) => text.split('\n').filter((pid) => pid !== ''))
  }

  async stop(): Promise<void> {
    await Promise.all(this.machines.map((name) => this.#destroy(name)))
    this.#services?.kill('SIGKILL')
    await this.#ip('netns', 'del', this.#id).catch(() => null)
    await rm(this.#folder, { recursive: true, force: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  #machine(name: string): Machine {
    const machine = this.#machines.get(name)
    if (machine === undefined) throw new Error(`there is no machine ${name}`)
    return machine
  }

  async #firstProcess(name: string): Promise<string> {
    const parent = this.#machine(name).process?.pid
    const { stdout } = await execute('pgrep', ['-P', String(parent)])
    return stdout.trim()
  }

  async #create(described: VirtualMachine): Promise<void> {
    const { name, privateIp } = described
    const namespace = `${this.#id}-${name}`
    const link = `${this.#id}-${this.#links++}`
    const root = join(this.#folder, 'machines', namespace)
    await mkdir(root, { recursive: true })
    await writeFile(join(root, 'custom-data'), described.customData)
    await this.#writeUserData(described)
    await this.#ip('netns', 'add', namespace)
    await this.#ip(
      '-n',
      this.#id,
      'link',
      'add',
      link,
      'type',
      'veth',
      'peer',
      'eth0',
      'netns',
      namespace,
    )
    await this.#ip('-n', this.#id, 'addr', 'add', `${GATEWAY}/32`, 'dev', link)
    await this.#ip('-n', this.#id, 'link', 'set', link, 'up')
    await this.#ip('-n', this.#id, 'route', 'add', `${privateIp}/32`, 'dev', link)
    await this.#ip('-n', namespace, 'link', 'set', 'lo', 'up')
    await this.#ip('-n', namespace, 'addr', 'add', `${privateIp}/32`, 'dev', 'eth0')
    await this.#ip('-n', namespace, 'link', 'set', 'eth0', 'up')
    await this.#ip(
      '-n',
      namespace,
      'route',
      'add',
      'default',
      'via',
      GATEWAY,
      'dev',
      'eth0',
      'onlink',
    )
    this.#machines.set(name, { described, namespace, link, root, process: null })
    await this.#reload()
    if (!this.#heldBack.includes(name)) await this.boot(name)
  }

  async #writeUserData({ privateIp, userData }: VirtualMachine): Promise<void> {
    const decoded = JSON.parse(Buffer.from(userData, 'base64').toString()) as Record<
      string,
      unknown
    >
    const given = JSON.stringify(this.#tamper?.(decoded) ?? decoded)
    const file = join(this.#folder, 'user-data', privateIp)
    await writeFile(file, Buffer.from(given).toString('base64'))
  }

  async #destroy(name: string): Promise<void> {
    const machine = this.#machine(name)
    this.#machines.delete(name)
    if (machine.process !== null && machine.process.exitCode === null) {
      const ended = once(machine.process, 'exit')
      machine.process.kill('SIGKILL')
      await ended
    }
    await this.#ip('-n', this.#id, 'link', 'del', machine.link)
    await this.#ip('netns', 'del', machine.namespace)
    await this.#reload()
  }

  /** 1:1 NAT, and the security rules: what is let in unasked is what an allowing rule says. */
  async #reload(): Promise<void> {
    const load = async (): Promise<void> => {
      const pairs = [...this.#machines.values()].flatMap(({ described: { privateIp, publicIp } }) =>
        publicIp === null ? [] : [{ privateIp, publicIp }],
      )
      const rules = [...this.#rules.values()].toSorted((a, b) => a.priority - b.priority)
      const ruleset = `table ip azure
delete table ip azure
table ip azure {
  chain prerouting {
    type nat hook prerouting priority dstnat
    ${pairs.map((pair) => `ip daddr ${pair.publicIp} dnat to ${pair.privateIp}`).join('\n    ')}
  }
  chain postrouting {
    type nat hook postrouting priority srcnat
    ${pairs.map((pair) => `ip saddr ${pair.privateIp} snat to ${pair.publicIp}`).join('\n    ')}
  }
  chain forward {
    type filter hook forward priority filter; policy drop
    ct state established,related accept
    ct status dnat jump group
  }
  chain group {
    ${rules.map((rule) => toNft(rule, pairs)).join('\n    ')}
  }
}
`
      const loader = spawn('ip', ['netns', 'exec', this.#id, 'nft', '-f', '-'], {
        stdio: ['pipe', 'ignore', 'inherit'],
      })
      loader.stdin.end(ruleset)
      const [code] = (await once(loader, 'exit')) as [number]
      if (code !== 0) throw new Error(`nft refused:\n${ruleset}`)
    }
    this.#reloading = this.#reloading.then(load)
    await this.#reloading
  }

  async #ip(...args: string[]): Promise<void> {
    await execute('ip', args)
  }

  async #inInternet(...command: string[]): Promise<void> {
    await execute('ip', ['netns', 'exec', this.#id, ...command])
  }
}

/**
 * Destinations are not told apart: every machine of the tests stands in one group. Sources are public addresses, as a
 * security group sees them; here the rule meets the packet before its source is translated.
 */
function toNft(rule: SecurityRule, pairs: { privateIp: string; publicIp: string }[]): string {
  // Service tags and * are all that the tests' internet has.
  const from = rule.sources
    .filter((source) => /^[\d.]+\/32$/.test(source))
    .map((source) => pairs.find(({ publicIp }) => `${publicIp}/32` === source)?.privateIp ?? source)
  const where = from.length > 0 ? `ip saddr { ${from.join(', ')} } ` : ''
  const verdict = rule.access === 'Allow' ? 'accept' : 'drop'
  return rule.port === '*' ? `${where}${verdict}` : `${where}tcp dport ${rule.port} ${verdict}`
}

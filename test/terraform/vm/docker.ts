// A stand-in for docker in a virtual machine of the tests: what kadlab's scripts and units call, and no more. An image is
// the folder of its build's context; a container is its kadlab.mjs, as a plain user, in a network namespace behind the
// machine's own bridge, with NAT by nft as the engine has it.
import { spawn, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer } from 'node:net'
import { parseArgs } from 'node:util'
import { readEnvironment } from './unit-file.ts'

const IMAGES = '/var/lib/docker-stand-in/images'
const CONTAINERS = '/run/docker-stand-in'
const BRIDGE_ADDRESS = '172.18.0.1'
const ADDRESS = '172.18.0.2'

function run(command: string, { quietly = false } = {}): void {
  const { status, stderr } = spawnSync('/bin/sh', ['-c', command], { encoding: 'utf8' })
  if (status !== 0 && !quietly) throw new Error(`${command}: ${stderr}`)
}

const folderOf = (image: string): string => `${IMAGES}/${encodeURIComponent(image)}`
const pidOf = (name: string): number => Number(readFileSync(`${CONTAINERS}/${name}.pid`, 'utf8'))

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function build(words: string[]): void {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      quiet: { type: 'boolean' },
      network: { type: 'string' },
      'build-arg': { type: 'string', multiple: true },
      tag: { type: 'string' },
    },
  })
  const context = positionals[0] ?? ''
  if (values.network !== 'none') throw new Error('a pack is built without a network')
  if (!existsSync(`${context}/Dockerfile`)) throw new Error('the context has no Dockerfile')
  const architecture = /^ARCHITECTURE=(.*)$/.exec(
    values['build-arg']?.find((argument) => argument.startsWith('ARCHITECTURE=')) ?? '',
  )?.[1]
  const image = folderOf(values.tag ?? '')
  mkdirSync(image, { recursive: true })
  cpSync(`${context}/kadlab.mjs`, `${image}/kadlab.mjs`)
  cpSync(`${context}/classic-level.${architecture}.node`, `${image}/classic-level.node`)
  run(`chmod 755 ${image} && chmod 644 ${image}/*`)
}

function createNetwork(words: string[]): void {
  const bridge = /bridge\.name=(\S+)/.exec(words.join(' '))?.[1] ?? 'docker1'
  if (existsSync(`/sys/class/net/${bridge}`)) throw new Error('the network exists')
  run(`ip link add ${bridge} type bridge && ip addr add ${BRIDGE_ADDRESS}/16 dev ${bridge}`)
  run(`ip link set ${bridge} up && echo 1 >/proc/sys/net/ipv4/ip_forward`)
  writeFileSync('/run/docker-bridge', bridge)
}

/** Published ports: everywhere by NAT, on loopback by a proxy, as the engine does it. */
function publish(ports: readonly string[], bridge: string): void {
  const everywhere = ports.filter((port) => !port.startsWith('127.0.0.1:'))
  const rules = everywhere.map((port) => {
    const [outside, inside] = port.replace('/tcp', '').split(':')
    return `iifname != "${bridge}" tcp dport ${outside} dnat to ${ADDRESS}:${inside}`
  })
  const ruleset = `table ip docker
delete table ip docker
table ip docker {
  chain prerouting { type nat hook prerouting priority dstnat; ${rules.join('; ')}; }
  chain postrouting { type nat hook postrouting priority srcnat; ip saddr 172.18.0.0/16 oifname != "${bridge}" masquerade; }
}`
  const { status, stderr } = spawnSync('nft', ['-f', '-'], { input: ruleset, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  for (const port of ports.filter((candidate) => !everywhere.includes(candidate))) {
    const [host, outside, inside] = port.replace('/tcp', '').split(':')
    createServer((near) => {
      const far = connect({ host: ADDRESS, port: Number(inside) })
      near.pipe(far).pipe(near)
      near.on('error', () => far.destroy())
      far.on('error', () => near.destroy())
    }).listen({ host, port: Number(outside) })
  }
}

function runContainer(words: string[]): void {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      rm: { type: 'boolean' },
      name: { type: 'string' },
      pull: { type: 'string' },
      network: { type: 'string' },
      publish: { type: 'string', multiple: true },
      'env-file': { type: 'string' },
      volume: { type: 'string', multiple: true },
      user: { type: 'string' },
      'read-only': { type: 'boolean' },
      tmpfs: { type: 'string' },
      'cap-drop': { type: 'string' },
      'security-opt': { type: 'string' },
      'pids-limit': { type: 'string' },
      memory: { type: 'string' },
      'no-healthcheck': { type: 'boolean' },
      'log-driver': { type: 'string' },
    },
  })
  const image = folderOf(positionals[0] ?? '')
  if (!existsSync(image)) throw new Error(`no such image: ${positionals[0]}`)
  const name = values.name ?? 'container'
  const bridge = readFileSync('/run/docker-bridge', 'utf8')
  run(`ip netns del ${name}; ip link del veth-${name}`, { quietly: true })
  run(`ip netns add ${name} && ip link add veth-${name} type veth peer name eth0 netns ${name}`)
  run(`ip link set veth-${name} master ${bridge} up`)
  run(`ip -n ${name} addr add ${ADDRESS}/16 dev eth0 && ip -n ${name} link set eth0 up`)
  run(`ip -n ${name} link set lo up && ip -n ${name} route add default via ${BRIDGE_ADDRESS}`)
  publish(values.publish ?? [], bridge)

  const mounts = (values.volume ?? []).map((volume) => {
    const [outside = '', inside = '', mode] = volume.split(':')
    mkdirSync(inside, { recursive: true })
    return `mount --bind ${mode === 'ro' ? '-o ro ' : ''}${outside} ${inside}`
  })
  const [uid, gid] = (values.user ?? '0:0').split(':')
  const child = spawn(
    'ip',
    [
      'netns',
      'exec',
      name,
      '/bin/sh',
      '-c',
      `${mounts.join(' && ')} && cd /tmp && exec setpriv --reuid ${uid} --regid ${gid} --clear-groups ` +
        `--no-new-privs --inh-caps=-all --bounding-set=-all ${process.execPath} ${image}/kadlab.mjs`,
    ],
    { stdio: 'inherit', env: readEnvironment([values['env-file'] ?? '']) },
  )
  mkdirSync(CONTAINERS, { recursive: true })
  writeFileSync(`${CONTAINERS}/${name}.pid`, String(child.pid))
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.once('close', (code) => {
    rmSync(`${CONTAINERS}/${name}.pid`, { force: true })
    process.exit(code ?? 1)
  })
}

function end(name: string, signal: NodeJS.Signals): void {
  const pid = pidOf(name)
  process.kill(pid, signal)
  const deadline = Date.now() + 5000
  while (isAlive(pid) && Date.now() < deadline) spawnSync('sleep', ['0.02'])
  if (isAlive(pid)) process.kill(pid, 'SIGKILL')
}

const VERBS: Readonly<Record<string, (words: string[]) => void>> = {
  build,
  run: runContainer,
  'network create': createNetwork,
  'image inspect': ([image = '']) => {
    if (!existsSync(folderOf(image))) throw new Error(`no such image: ${image}`)
  },
  'image rm': ([image = '']) => rmSync(folderOf(image), { recursive: true }),
  'image ls': () => {
    const images = existsSync(IMAGES) ? readdirSync(IMAGES) : []
    process.stdout.write(images.map((image) => `${decodeURIComponent(image)}\n`).join(''))
  },
  pull: () => {
    throw new Error('there is no registry here')
  },
  stop: (words) => end(words.at(-1) ?? '', 'SIGTERM'),
  rm: (words) => end(words.at(-1) ?? '', 'SIGKILL'),
}

// The engine is a process of its own: the caller's umask does not reach it.
process.umask(0o022)
const words = process.argv.slice(2)
const two = VERBS[words.slice(0, 2).join(' ')]
const one = VERBS[words[0] ?? '']
try {
  if (two !== undefined) two(words.slice(2))
  else if (one !== undefined) one(words.slice(1))
  else throw new Error(`the stand-in for docker does not know ${words.join(' ')}`)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}

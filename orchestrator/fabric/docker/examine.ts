import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import type { AbortOptions } from '#node/base/abort-options.ts'
import { BASE_IMAGE_NAMES, baseImageAt } from './base-images.ts'
import { connectEngine, type Engine } from './engine.ts'
import { lookAtHost, runLook } from './host-look.ts'
import { dropRules } from './host-rules.ts'
import { ensureImage, hasImage } from './image.ts'
import type { LabIdentity } from './labels.ts'
import { takenSubnets } from './networks.ts'
import { currentOwner } from './owner.ts'

/** One thing about an engine that decides what a lab can do there. */
export interface EngineFinding {
  name: string
  /** Null: good to know, and neither good nor bad. */
  isWell: boolean | null
  /** One line. */
  text: string
}

export interface ExamineEngineOptions extends AbortOptions {
  env: Readonly<Record<string, string | undefined>>
  onProgress: (text: string) => void
}

/** Free space below which a build or a lab may fail, in MB. */
const LOW_DISK_MB = 2000

/**
 * What a lab would meet at the engine that the environment names: its kind and rights, its host's firewall, and what a
 * container there may do, tried in one.
 *
 * @throws EngineUnavailableError; ImageBuildError where the router's image cannot be made
 */
export async function examineEngine(options: ExamineEngineOptions): Promise<EngineFinding[]> {
  const { env, onProgress, signal } = options
  const engine = await connectEngine({ env, signal })
  const root = resolve(import.meta.dirname, '../../..')
  const known = [...(await kindOf(engine)), ...(await imagesAt(engine, env))]
  const image = await ensureImage(engine, { root, target: 'router', env, onProgress, signal })
  const lab: LabIdentity = {
    id: randomBytes(4).toString('hex'),
    scenario: 'engine',
    owner: await currentOwner(),
  }
  onProgress('looking at the host of the engine')
  const [host, rights, subnets] = await Promise.all([
    lookAtHost(engine, lab, image, { signal }),
    tryRights(engine, lab, image, { signal }),
    takenSubnets(engine, signal),
  ])
  const subnetsText = `the engine's networks hold ${subnets.length === 0 ? 'none' : subnets.join(', ')}`
  return [
    ...known,
    ...rights,
    ...('detail' in host
      ? [{ name: 'host', isWell: null, text: `cannot be looked at: ${host.detail}` }]
      : firewallOf(host)),
    { name: 'subnets', isWell: null, text: subnetsText },
  ]
}

async function kindOf({ docker, kind, version, endpoint }: Engine): Promise<EngineFinding[]> {
  const info = (await docker.info()) as {
    OperatingSystem?: string
    SecurityOptions?: string[]
    NCPU?: number
    MemTotal?: number
  }
  const { OperatingSystem = 'unknown system', SecurityOptions = [], NCPU = 0, MemTotal = 0 } = info
  const isLocal = /^(unix|npipe):/.test(endpoint.host)
  const has = (name: string): boolean =>
    SecurityOptions.some((option) => option.includes(`name=${name}`))
  const rights = [
    ...(has('rootless') ? ['rootless'] : []),
    ...(has('userns') ? ['maps users (userns-remap)'] : []),
  ]
  return [
    {
      name: 'engine',
      isWell: kind === 'Docker Engine',
      text: `${kind} ${version}, ${isLocal ? 'local' : 'remote'}, at ${endpoint.host} (${endpoint.source})`,
    },
    {
      name: 'machine',
      isWell: null,
      text: `${OperatingSystem}, ${NCPU} cores, ${(MemTotal / 2 ** 30).toFixed(1)} GiB`,
    },
    { name: 'rights', isWell: null, text: rights.length === 0 ? 'as root' : rights.join(', ') },
  ]
}

async function imagesAt(
  engine: Engine,
  env: ExamineEngineOptions['env'],
): Promise<EngineFinding[]> {
  return Promise.all(
    BASE_IMAGE_NAMES.map(async (variable) => {
      const has = (name: string): Promise<boolean> => hasImage(engine, name)
      const image = await baseImageAt(has, variable, env)
      const there = await hasImage(engine, image)
      const text = there ? `${image} is there` : `${image} is not there: the first build fetches it`
      return { name: variable, isWell: there ? true : null, text }
    }),
  )
}

const TRIALS = {
  nft: 'nft add table ip kadlab_trial && nft list tables',
  conntrack: 'conntrack -C',
  netem: 'tc qdisc add dev lo root netem delay 1ms',
  disk: 'df -Pk / | tail -n 1',
}

/** What a router's container may do, tried in one that has no network. */
async function tryRights(
  engine: Engine,
  lab: LabIdentity,
  image: string,
  { signal }: AbortOptions,
): Promise<EngineFinding[]> {
  const said = await runLook(engine, lab, image, TRIALS, { signal, name: 'trial', network: 'none' })
  if ('detail' in said) return [{ name: 'router', isWell: false, text: said.detail }]
  const freeMb = Math.round(Number(said.get('disk')?.split(/\s+/)[3] ?? 0) / 1024)
  const may = (name: 'nft' | 'conntrack', what: string): EngineFinding => ({
    name,
    isWell: said.has(name),
    text: said.has(name) ? `${what} in a container` : `a container may not: no router can be made`,
  })
  return [
    may('nft', 'rules can be loaded'),
    may('conntrack', 'connections can be listed'),
    {
      name: 'netem',
      isWell: null,
      text: said.has('netem')
        ? 'there, and not used: links on docker are as fast as the machine'
        : 'not there: links cannot be shaped; --fabric sim does',
    },
    {
      name: 'disk',
      isWell: freeMb > LOW_DISK_MB,
      text: `${freeMb} MB free for images and containers`,
    },
  ]
}

function firewallOf(host: {
  ruleset: string | null
  bridgesFiltered: boolean | null
  legacyTables: string[]
}): EngineFinding[] {
  const rules = dropRules(host.ruleset ?? '').filter(
    ({ place }) => !/DOCKER-(ISOLATION|FORWARD|BRIDGE|CT)|CNI-|NETAVARK/.test(place),
  )
  const filtered = host.bridgesFiltered === true
  const shown = rules.slice(0, 4).map(({ place, rule }) => `${place}: ${rule}`)
  const dangerous = filtered && rules.some(({ rule }) => rule !== 'policy drop')
  return [
    {
      name: 'bridges',
      isWell: null,
      text: filtered
        ? "bridged packets pass the host's firewall (net.bridge.bridge-nf-call-iptables is 1)"
        : "bridged packets do not pass the host's firewall",
    },
    {
      name: 'firewall',
      isWell: !dangerous,
      text:
        rules.length === 0
          ? 'no rule of the host drops what a lab sends'
          : `rules that drop: ${shown.join('; ')}${rules.length > shown.length ? '; …' : ''}`,
    },
    ...(host.legacyTables.length === 0
      ? []
      : [
          {
            name: 'iptables',
            isWell: null,
            text: `rules of the older iptables are there too, and cannot be read: ${host.legacyTables.join(', ')}`,
          },
        ]),
  ]
}

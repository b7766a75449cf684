import { type Scenario, scenarioSchema } from '#orchestrator/scenario/schema.ts'
import { createDraw, type Draw } from './random.ts'

/** A site as a scenario file writes it. */
interface SiteWords {
  nat: string | Record<string, unknown>
  subnet?: string
}

/** A node as a scenario file writes it. */
interface NodeWords {
  site: string
  bootstrap?: string[]
  env: Record<string, string>
}

/** A scenario as a file writes it: what was drawn can be kept and run by hand. */
export interface ScenarioWords {
  name: string
  title: string
  sites: Record<string, SiteWords>
  nodes: Record<string, NodeWords>
}

const PORTS = [3000, 4001, 30_333] as const
/** Nobody has it: an address of the default internet from those that are never handed out. */
const NOBODY = '11.0.0.199'
/** Well-formed, and nobody's. */
const STRANGER = '12D3KooWPqT2nMDSiXUSx5D7fasaxhxKigVhcqfkKqrLghCq9jxz'
const TWIN_SEED = '7'.repeat(64)

/** A scenario of 2 to 6 nodes with whatever people get right and wrong: the same seed, the same scenario. */
export function randomScenario(seed: number): { words: ScenarioWords; scenario: Scenario } {
  const draw = createDraw(seed)
  const count = draw.integer(2, 6)
  const names = Array.from({ length: count }, (_, index) => `N${index + 1}`)
  const siteCount = draw.integer(1, count)
  const ports = new Map(names.map((name) => [name, draw.weighted(PORT_WEIGHTS)]))
  const siteOf = new Map(
    // Each site has somebody.
    names.map((name, index) => [
      name,
      `s${index < siteCount ? index : draw.integer(0, siteCount - 1)}`,
    ]),
  )
  const sites: Record<string, SiteWords> = {}
  for (let index = 0; index < siteCount; index++) {
    const site = `s${index}`
    const inside = names.filter((name) => siteOf.get(name) === site)
    // The first node is the one that most others join through: more often than others it can be reached.
    sites[site] = drawSite(draw, inside, ports, index === 0)
  }
  const nodes: Record<string, NodeWords> = {}
  for (const [index, name] of names.entries()) {
    const site = siteOf.get(name) ?? 's0'
    const node: NodeWords = { site, env: drawEnv(draw, name, ports, index === 0) }
    drawBootstrap(draw, node, names, index, ports)
    nodes[name] = node
  }
  const words = { name: `random-${seed}`, title: `Drawn from seed ${seed}.`, sites, nodes }
  return { words, scenario: scenarioSchema.parse(words) }
}

const PORT_WEIGHTS = [
  [6, PORTS[0]],
  [2, PORTS[1]],
  [1, PORTS[2]],
] as const

const PRESETS = [
  [6, 'public'],
  [4, 'one-to-one'],
  [4, 'port-forward'],
  [2, 'full-cone'],
  [2, 'address-restricted'],
  [3, 'port-restricted'],
  [2, 'symmetric'],
  [2, 'cgnat'],
] as const

function drawSite(
  draw: Draw,
  inside: readonly string[],
  ports: ReadonlyMap<string, number>,
  isFirst: boolean,
): SiteWords {
  const preset = isFirst && draw.percent(50) ? 'public' : draw.weighted(PRESETS)
  if (preset === 'public') return { nat: preset }
  const nat: Record<string, unknown> = { preset }
  if (preset === 'one-to-one') {
    if (draw.percent(60)) {
      nat['allow'] = [...new Set(inside.map((name) => ports.get(name)))]
        .filter(() => draw.percent(80))
        .map((port) => `tcp/${port}`)
    }
  } else {
    drawParts(draw, nat)
    const forwards = drawForwards(draw, inside, ports, preset === 'port-forward')
    if (forwards.length > 0 || preset === 'port-forward') nat['forwards'] = forwards
  }
  // Fresh networks of one maker have the same range: two homes, two VNets.
  return draw.percent(25) ? { nat, subnet: '10.0.0.0/24' } : { nat }
}

function drawParts(draw: Draw, nat: Record<string, unknown>): void {
  if (draw.percent(20)) nat['mapping'] = draw.pick(['EI', 'AD', 'APD'])
  if (draw.percent(20)) nat['filtering'] = draw.pick(['EI', 'AD', 'APD'])
  if (draw.percent(20)) nat['ports'] = draw.pick(['preserve', 'random'])
  if (draw.percent(35)) nat['hairpin'] = draw.percent(50)
}

function drawForwards(
  draw: Draw,
  inside: readonly string[],
  ports: ReadonlyMap<string, number>,
  isMeant: boolean,
): object[] {
  const forwards: object[] = []
  const taken = new Set<number>()
  for (const to of inside) {
    if (!draw.percent(isMeant ? 85 : 15)) continue
    const toPort = ports.get(to) ?? PORTS[0]
    const port = draw.percent(65) && !taken.has(toPort) ? toPort : draw.integer(20_000, 29_999)
    if (taken.has(port)) continue
    taken.add(port)
    forwards.push({ port: `tcp/${port}`, to, ...(port !== toPort && { toPort }) })
  }
  return forwards
}

function drawEnv(
  draw: Draw,
  name: string,
  ports: ReadonlyMap<string, number>,
  isFirst: boolean,
): Record<string, string> {
  const env: Record<string, string> = {}
  const port = ports.get(name) ?? PORTS[0]
  if (port !== PORTS[0] || draw.percent(10)) env['LISTEN_PORT'] = String(port)
  if (draw.percent(6)) {
    env['LISTEN'] = draw.weighted([
      [3, `/ip4/{address}/tcp/${port}`],
      [2, `/ip4/{public}/tcp/${port}`],
      [1, `/ip4/127.0.0.1/tcp/${port}`],
    ])
  }
  if (draw.percent(isFirst ? 65 : 55)) {
    env['PUBLIC_IP'] = draw.weighted([
      [12, '{public}'],
      [1, NOBODY],
      [1, '{N1.public}'],
      [1, '{address}'],
    ])
  } else if (draw.percent(20)) {
    env['ANNOUNCE'] = draw.weighted([
      [4, `/ip4/{public}/tcp/${port}`],
      [2, `/ip4/{public}/tcp/${draw.integer(20_000, 60_000)}`],
      [2, `/ip4/{address}/tcp/${port}`],
      [2, `/ip4/{address}/tcp/${port},/ip4/{public}/tcp/${port}`],
    ])
  }
  if (draw.percent(10)) env['APPEND_ANNOUNCE'] = `/ip4/{address}/tcp/${port}`
  if (draw.percent(22)) env['KAD_MODE'] = draw.pick(['client', 'auto', 'server'])
  if (draw.percent(20)) env['ADDRESS_SCOPE'] = draw.pick(['any', 'any', 'private', 'public'])
  if (draw.percent(5)) env['KAD_PROTOCOL'] = '/other/kad/1.0.0'
  if (draw.percent(4)) env['IDENTITY_SEED'] = TWIN_SEED
  return env
}

function drawBootstrap(
  draw: Draw,
  node: NodeWords,
  names: readonly string[],
  index: number,
  ports: ReadonlyMap<string, number>,
): void {
  const others = names.filter((_, other) => other !== index)
  const [first = 'N1'] = others
  if (index === 0 && draw.percent(85)) return
  if (draw.percent(4)) return
  const through = draw.percent(75) ? first : (others[draw.integer(0, others.length - 1)] ?? first)
  if (draw.percent(70)) {
    const more = others.filter((name) => name !== through && draw.percent(10))
    node.bootstrap = [through, ...more]
    return
  }
  const port = ports.get(through) ?? PORTS[0]
  const right = `/ip4/{${through}.public}/tcp/${port}`
  node.env['BOOTSTRAP'] = draw.weighted([
    [3, right],
    [3, `${right}/p2p/${STRANGER}`],
    [2, `/ip4/{${through}.public}/tcp/${port + 1}`],
    [2, `/ip4/{${through}.public}/tcp/${port + 1}/p2p/{${through}.peer-id}`],
    [1, `/ip4/{${through}.address}/tcp/${port}`],
    [1, `/ip4/{${through}.address}/tcp/${port}/p2p/{${through}.peer-id}`],
    [1, `/ip4/${NOBODY}/tcp/${port}`],
  ])
}

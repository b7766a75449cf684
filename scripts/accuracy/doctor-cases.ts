import { NAT_PRESETS, type NatPresetName } from '#orchestrator/net/nat-presets.ts'
import { readScenario } from '#orchestrator/scenario/load.ts'
import type { ProgramName } from '#orchestrator/scenario/programs.ts'
import type { Scenario } from '#orchestrator/scenario/schema.ts'

/** What the peers of a lab announce, and whether their routers let anybody in. */
export const ANNOUNCING = {
  /** What they do by themselves: the addresses of their interfaces. */
  nothing: {},
  rightly: { PUBLIC_IP: '{public}' },
  /** An address that nobody has. */
  wrongly: { PUBLIC_IP: '11.0.0.199' },
} as const satisfies Readonly<Record<string, Record<string, string>>>

export type Announcing = keyof typeof ANNOUNCING

/** Programs that the doctor examines. */
export const EXAMINED = ['kadlab', 'rust-kv', 'go-kv', 'stock-js'] as const

export interface DoctorCase {
  program: (typeof EXAMINED)[number]
  announcing: Announcing
  /** Whether the port is forwarded, or let in; a carrier's never is. */
  open: boolean
}

/** Every program, announcing in every way, behind routers that let in and such that do not. */
export function doctorCases(programs: readonly DoctorCase['program'][] = EXAMINED): DoctorCase[] {
  return programs.flatMap((program) =>
    (Object.keys(ANNOUNCING) as Announcing[]).flatMap((announcing) =>
      [true, false].map((open) => ({ program, announcing, open })),
    ),
  )
}

const PORT = 3000
const PRESETS = Object.keys(NAT_PRESETS) as NatPresetName[]

/** What stands in a scenario for each: js-libp2p as it comes is none of its programs, and announces as go-libp2p does. */
const PLANNED_AS: Readonly<Record<DoctorCase['program'], ProgramName>> = {
  kadlab: 'kadlab',
  'rust-kv': 'rust-kv',
  'go-kv': 'go-kv',
  'stock-js': 'go-kv',
}

/**
 * A peer behind each NAT preset, named after it, and an observer on the internet that joins through each of them at the
 * address that a user would give the doctor.
 */
export function doctorScenario({ program, announcing, open }: DoctorCase): Scenario {
  const sites = PRESETS.map((preset) => [preset, { nat: natOf(preset, open) }])
  const nodes = PRESETS.map((preset) => [
    peerOf(preset),
    {
      site: preset,
      program: PLANNED_AS[program],
      env: { LISTEN_PORT: String(PORT), ...ANNOUNCING[announcing] },
    },
  ])
  const addresses = PRESETS.map((preset) => {
    const peer = peerOf(preset)
    return `/ip4/{${peer}.public}/tcp/${PORT}/p2p/{${peer}.peer-id}`
  })
  const text = JSON.stringify({
    name: 'doctor',
    title: `${program}, announcing ${announcing}`,
    sites: { ...Object.fromEntries(sites), outside: { nat: 'public' } },
    nodes: {
      ...Object.fromEntries(nodes),
      [OBSERVER]: { site: 'outside', env: { BOOTSTRAP: addresses.join(',') } },
    },
  })
  return readScenario(text, 'doctor.yaml').scenario
}

/** Where the doctor stands. */
export const OBSERVER = 'observer'

export function peerOf(preset: NatPresetName): string {
  return `at-${preset}`
}

function natOf(preset: NatPresetName, open: boolean): object | string {
  if (preset === 'public') return 'public'
  if (preset === 'one-to-one') return { preset, allow: open ? [`tcp/${PORT}`] : [] }
  if (preset === 'cgnat') return { preset }
  // A forward of the preset that leads nobody anywhere, where the port is to stay closed.
  if (!open && preset !== 'port-forward') return { preset }
  return { preset, forwards: [{ port: `tcp/${open ? PORT : PORT + 1}`, to: peerOf(preset) }] }
}

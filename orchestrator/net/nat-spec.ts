import { KadlabError } from '#node/base/errors.ts'
import { NAT_PRESETS, type NatPreset, type NatPresetName, RFC_TIMEOUTS } from './nat-presets.ts'
import type {
  AddressPair,
  Dependence,
  Forward,
  MappingTimeouts,
  NatConfig,
  PortPolicy,
  PortRule,
} from './nat.ts'

/** Parts of a router's behaviour that a scenario sets itself. */
export interface NatOverrides {
  mapping?: Dependence | undefined
  filtering?: Dependence | undefined
  ports?: PortPolicy | undefined
  hairpin?: boolean | undefined
  /** One-to-one only: replaces the security group's list. */
  allow?: PortRule[] | undefined
  forwards?: Forward[] | undefined
  timeouts?: Partial<MappingTimeouts> | undefined
}

/** What a scenario says of a site's way to the internet. */
export interface NatSpec extends NatOverrides {
  preset: NatPresetName
  /** Presets of two routers only: overrides of the outer one; all others are of the inner one. */
  carrier?: NatOverrides | undefined
}

/** A site's NAT is asked for something that it cannot be. `key` names the faulty part of the spec. */
export class NatSpecError extends KadlabError {
  static override readonly name = 'NatSpecError'
  readonly key: keyof NatSpec

  constructor(key: keyof NatSpec, message: string) {
    super(message)
    this.key = key
  }
}

/**
 * The routers of a site from inside to outside: none for `public`, two for `cgnat`, else one.
 *
 * @param pairs - for `one-to-one`: the private and public address of each host of the site
 * @throws NatSpecError where a part of the spec makes no sense with its preset
 */
export function presetRouters(spec: NatSpec, pairs: AddressPair[] = []): NatConfig[] {
  const preset = NAT_PRESETS[spec.preset]
  checkSpec(spec, preset)
  return preset.routers.map((router, index) => {
    const overrides = index === 0 ? spec : (spec.carrier ?? {})
    return {
      mapping: overrides.mapping ?? router.mapping,
      filtering: overrides.filtering ?? router.filtering,
      ports: overrides.ports ?? router.ports,
      hairpin: overrides.hairpin ?? router.hairpin,
      oneToOne: router.oneToOne ? structuredClone(pairs) : [],
      allow: structuredClone(overrides.allow ?? router.allow),
      forwards: structuredClone(overrides.forwards ?? []),
      timeouts: {
        udpMs: overrides.timeouts?.udpMs ?? RFC_TIMEOUTS.udpMs,
        tcpEstablishedMs: overrides.timeouts?.tcpEstablishedMs ?? RFC_TIMEOUTS.tcpEstablishedMs,
        tcpTransitoryMs: overrides.timeouts?.tcpTransitoryMs ?? RFC_TIMEOUTS.tcpTransitoryMs,
      },
    }
  })
}

const OVERRIDABLE = [
  'mapping',
  'filtering',
  'ports',
  'hairpin',
  'allow',
  'forwards',
  'timeouts',
] as const satisfies readonly (keyof NatOverrides)[]

function checkSpec(spec: NatSpec, preset: NatPreset): void {
  const inner = preset.routers[0]
  if (inner === undefined) {
    const key = [...OVERRIDABLE, 'carrier' as const].find((key) => spec[key] !== undefined)
    if (key !== undefined) {
      throw new NatSpecError(key, `'${spec.preset}' has no router, so it takes no '${key}'`)
    }
    return
  }
  if (spec.carrier !== undefined && preset.routers.length < 2) {
    throw new NatSpecError(
      'carrier',
      `'${spec.preset}' has one router, so it takes no 'carrier': only 'cgnat' does`,
    )
  }
  if (inner.oneToOne) checkOneToOne(spec)
  for (const overrides of [inner.oneToOne ? {} : spec, spec.carrier ?? {}]) {
    if (overrides.allow !== undefined) {
      throw new NatSpecError(
        'allow',
        `'allow' is the security group of 'one-to-one'; '${spec.preset}' opens ports with 'forwards'`,
      )
    }
    checkPorts(overrides.forwards ?? [])
  }
  for (const timeouts of [spec.timeouts, spec.carrier?.timeouts]) checkTimeouts(timeouts ?? {})
}

/** A static translation has no choice of port or mapping, and its filter is the security group. */
function checkOneToOne(spec: NatSpec): void {
  for (const key of ['filtering', 'forwards'] as const) {
    if (spec[key] !== undefined) {
      throw new NatSpecError(key, `'one-to-one' takes no '${key}': list open ports under 'allow'`)
    }
  }
  if ((spec.mapping ?? 'EI') !== 'EI' || (spec.ports ?? 'preserve') !== 'preserve') {
    const key = (spec.mapping ?? 'EI') === 'EI' ? 'ports' : 'mapping'
    throw new NatSpecError(
      key,
      `'one-to-one' maps endpoint-independently with all ports preserved, so it takes no ${key} '${spec[key]}'`,
    )
  }
  if (spec.hairpin === true) {
    throw new NatSpecError('hairpin', `'one-to-one' does not hairpin: no cloud does`)
  }
  checkPorts(spec.allow ?? [])
}

function checkPorts(rules: (PortRule & { toPort?: number })[]): void {
  for (const rule of rules) {
    for (const port of [rule.port, rule.toPort ?? rule.port]) {
      if (!Number.isInteger(port) || port < 1 || port > 65_535) {
        const key = rule.toPort === undefined ? 'allow' : 'forwards'
        throw new NatSpecError(key, `expected a port from 1 to 65535 in '${key}', saw ${port}`)
      }
    }
  }
  const twice = rules.find((rule, index) =>
    rules
      .slice(0, index)
      .some((other) => other.protocol === rule.protocol && other.port === rule.port),
  )
  if (twice !== undefined) {
    const key = twice.toPort === undefined ? 'allow' : 'forwards'
    throw new NatSpecError(key, `${twice.protocol} port ${twice.port} is in '${key}' twice`)
  }
}

function checkTimeouts(timeouts: Partial<MappingTimeouts>): void {
  for (const [name, value] of Object.entries(timeouts)) {
    if (!Number.isFinite(value) || value <= 0) {
      throw new NatSpecError(
        'timeouts',
        `expected '${name.replace(/Ms$/, '')}' to be more than 0, saw ${value} ms`,
      )
    }
  }
}

import type { AbortOptions } from '#node/base/abort-options.ts'
import type { Engine } from './engine.ts'
import { PacketsDroppedByHostError } from './errors.ts'
import { type HostLook, lookAtHost } from './host-look.ts'
import { type DropRule, dropRules, rulesThatCounted } from './host-rules.ts'
import { engineName, type LabIdentity } from './labels.ts'
import type { LostPackets } from './packet-path.ts'

/** How many of the host's rules an error shows. */
const SHOWN_RULES = 8

export interface DropReport {
  engine: Engine
  lab: LabIdentity
  /** Of routers: it has nft. */
  image: string
  loss: LostPackets
  /** Sends the same once more, so that the rule that drops it counts. */
  again: () => Promise<unknown>
}

/**
 * The error for packets that got lost on a bridge of the engine's host: which bridge, and which of the host's rules
 * counted them. Where the host's rules cannot be seen, it names the places to look at.
 */
export async function describeDrop(
  { engine, lab, image, loss, again }: DropReport,
  { signal }: AbortOptions = {},
): Promise<PacketsDroppedByHostError> {
  const options = signal === undefined ? {} : { signal }
  const bridge = await bridgeName(engine, engineName(lab, loss.network))
  const before = await lookAtHost(engine, lab, image, { ...options, name: 'look-1' })
  await again()
  const after = await lookAtHost(engine, lab, image, { ...options, name: 'look-2' })
  return new PacketsDroppedByHostError({ ...loss, bridge, seen: whatDrops(before, after) })
}

/** Null where the engine does not say. */
async function bridgeName({ docker }: Engine, network: string): Promise<string | null> {
  try {
    const found = (await docker.getNetwork(network).inspect()) as {
      Id: string
      Options?: Record<string, string>
    }
    return found.Options?.['com.docker.network.bridge.name'] ?? `br-${found.Id.slice(0, 12)}`
  } catch {
    return null
  }
}

function whatDrops(
  before: HostLook | { detail: string },
  after: HostLook | { detail: string },
): string {
  if ('detail' in after || 'detail' in before || after.ruleset === null) {
    const why = 'detail' in after ? after.detail : 'nft cannot list them'
    return `The host's rules cannot be seen from here (${why}).`
  }
  const rules = dropRules(after.ruleset)
  const legacy =
    after.legacyTables.length === 0
      ? ''
      : ` Rules of the older iptables are there too, and cannot be read here (tables ${after.legacyTables.join(', ')}).`
  const filtered =
    after.bridgesFiltered === false
      ? ' Bridged packets do not pass the rules of iptables (net.bridge.bridge-nf-call-iptables is 0).'
      : ''
  const guilty = rulesThatCounted(dropRules(before.ruleset ?? ''), rules)
  if (guilty.length > 0) {
    const lines = guilty.map(({ place, rule, more }) => `  ${place}: ${rule} (${more} packets)`)
    return `Of the host's rules these counted packets while the same was sent once more:\n${lines.join('\n')}\n`
  }
  const none = rules.length === 0 ? 'nft shows no rule of the host that drops.' : shown(rules)
  return `${none}${legacy}${filtered}`
}

function shown(rules: readonly DropRule[]): string {
  const lines = rules
    .slice(0, SHOWN_RULES)
    .map(
      ({ place, rule, packets }) =>
        `  ${place}: ${rule}${packets === null ? '' : ` (${packets} packets so far)`}`,
    )
  const more = rules.length > SHOWN_RULES ? [`  and ${rules.length - SHOWN_RULES} more`] : []
  return `No rule counted them. The host's rules that drop:\n${[...lines, ...more].join('\n')}\n`
}

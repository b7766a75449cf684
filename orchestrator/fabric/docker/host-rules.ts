/** A rule, or a chain's policy, of a host that drops packets. */
export interface DropRule {
  /** `ip filter DOCKER-USER`: family, table and chain. */
  place: string
  /** As nft writes it, without its counter. */
  rule: string
  /** Packets that it counted; null where it does not count. */
  packets: number | null
}

/** Hooks that a bridged packet passes on its way from one container to another. */
const HOOKS: ReadonlySet<string> = new Set(['prerouting', 'forward', 'postrouting', 'ingress'])

interface Chain {
  name: string
  hook: string | null
  policy: string | null
  rules: string[]
}

/**
 * Reads `nft list ruleset`: the rules that drop or reject, and policies that do, in whatever chains a forwarded packet
 * passes, those of iptables too.
 */
export function dropRules(ruleset: string): DropRule[] {
  return readTables(ruleset).flatMap(({ name: table, chains }) => {
    const passed = reachable(chains)
    return chains
      .filter(({ name }) => passed.has(name))
      .flatMap((chain): DropRule[] => {
        const place = `${table} ${chain.name}`
        const drops = chain.rules.filter((rule) => /\b(drop|reject\b.*)$/.test(rule))
        return [
          ...drops.map((rule) => ({ place, ...counted(rule) })),
          ...(chain.policy === 'drop' ? [{ place, rule: 'policy drop', packets: null }] : []),
        ]
      })
  })
}

/** Those of `after` that counted more than they had `before`. */
export function rulesThatCounted(
  before: readonly DropRule[],
  after: readonly DropRule[],
): (DropRule & { more: number })[] {
  return after.flatMap((rule) => {
    const same = before.find((each) => each.place === rule.place && each.rule === rule.rule)
    const more = (rule.packets ?? 0) - (same?.packets ?? 0)
    return more > 0 ? [{ ...rule, more }] : []
  })
}

function counted(rule: string): { rule: string; packets: number | null } {
  const packets = /counter packets (\d+) bytes \d+ ?/.exec(rule)
  return {
    rule: rule.replace(/counter packets \d+ bytes \d+ ?/, '').trim(),
    packets: packets === null ? null : Number(packets[1]),
  }
}

/** Names of chains that hang on one of the hooks, directly or by a jump. */
function reachable(chains: readonly Chain[]): Set<string> {
  const names = new Set(
    chains.filter(({ hook }) => hook !== null && HOOKS.has(hook)).map(({ name }) => name),
  )
  // A set's iteration reaches what is added meanwhile.
  for (const name of names) {
    const rules = chains.find((chain) => chain.name === name)?.rules ?? []
    for (const rule of rules) {
      for (const [, next = ''] of rule.matchAll(/\b(?:jump|goto) ([\w-]+)/g)) names.add(next)
    }
  }
  return names
}

function readTables(ruleset: string): { name: string; chains: Chain[] }[] {
  const tables: { name: string; chains: Chain[] }[] = []
  let chain: Chain | null = null
  for (const raw of ruleset.split('\n')) {
    const line = raw.trim()
    const table = /^table (\S+ \S+) \{/.exec(line)
    const begun = /^chain (\S+) \{/.exec(line)
    const hook = /^type \S+ hook (\S+) .*?(?:policy (\w+);)?$/.exec(line)
    if (table !== null) tables.push({ name: table[1] ?? '', chains: [] })
    else if (begun !== null) {
      chain = { name: begun[1] ?? '', hook: null, policy: null, rules: [] }
      tables.at(-1)?.chains.push(chain)
    } else if (line === '}') chain = null
    else if (chain !== null && hook !== null) {
      chain.hook = hook[1] ?? null
      chain.policy = hook[2] ?? null
    } else if (chain !== null && line !== '') chain.rules.push(line)
  }
  return tables
}

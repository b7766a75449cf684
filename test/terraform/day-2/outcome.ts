import { type Fate, isEmpty, type NodeView, type Outcome } from '../live.ts'

/** What a row says of one deployment: what the plan, the apply and a second plan made of a change. */
export interface RowOutcome {
  /** Why the plan was refused: its first line. */
  refused?: string
  /** Codes of what Azure refused in the apply. */
  failed?: string[]
  /** VMs that do not run afterwards. */
  stopped?: number
  /** How many nodes had which fate, without those that had none. */
  nodes: Partial<Record<Fate, number>>
  /** What became of the monitoring VM, where there is one before or after. */
  monitoring?: Fate
  /** Nodes, of those that are there before and after, that keep their address. */
  addresses: string
  /** The same of their peer ids. */
  peerIds: string
  /** Does a VM live on that holds what was stored? Each node holds all, in clusters of this size. */
  values: 'kept' | 'lost'
  /** Whether Terraform has more to do: a second plan. */
  again: 'nothing' | 'more'
}

function kept(
  before: readonly NodeView[],
  after: readonly NodeView[],
  key: keyof NodeView,
): string {
  const pairs = before.flatMap((old) => {
    const now = after.find(({ name }) => name === old.name)
    return now === undefined ? [] : [[old[key], now[key]]]
  })
  const same = pairs.filter(([old, now]) => old !== null && old === now)
  return `${same.length} of ${pairs.length}`
}

/** The first sentence of why a plan was refused. */
function firstSentence(text: string): string {
  return /^.*?[.:!](?= [A-Z]|\n|$)(?<!variable:|failed:)/s.exec(text)?.[0] ?? text
}

const survives = (fate: Fate): boolean => !['replaced', 'gone', 'new'].includes(fate)

/** Puts an outcome into what a row says. */
export function summarise(outcome: Outcome): RowOutcome {
  const { refused, failed, fates, monitoring, before, after, stopped, again } = outcome
  const counts: Partial<Record<Fate, number>> = {}
  for (const fate of Object.values(fates)) {
    if (fate !== 'untouched') counts[fate] = (counts[fate] ?? 0) + 1
  }
  const codes = failed?.match(/^\w+(?=: )/gm) ?? []
  return {
    ...(refused === null ? {} : { refused: firstSentence(refused) }),
    ...(failed === null ? {} : { failed: [...new Set(codes)].toSorted() }),
    ...(stopped.length === 0 ? {} : { stopped: stopped.length }),
    nodes: counts,
    ...(monitoring === null ? {} : { monitoring }),
    addresses: kept(before, after, 'publicIp'),
    peerIds: kept(before, after, 'peerId'),
    values: refused !== null || Object.values(fates).some(survives) ? 'kept' : 'lost',
    again: isEmpty(again) ? 'nothing' : 'more',
  }
}

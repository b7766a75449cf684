import type { RemedyAction } from '#node/judgement/causes.ts'

/** One action in a few words: `PUBLIC_IP=11.0.0.12 on B`. */
export function actionText(action: RemedyAction): string {
  if ('set' in action) {
    const settings = Object.entries(action.set).map(([variable, value]) =>
      value === null ? `no ${variable}` : `${variable}=${value}`,
    )
    return `${settings.join(' ')} on ${action.on}`
  }
  if ('start' in action) return `start ${action.on}`
  if ('hairpin' in action) return `hairpinning on at ${action.router}`
  if ('allow' in action) return `TCP ${action.allow} allowed at ${action.router}`
  const { port, to, toPort } = action.forward
  const inside = port === toPort ? to : `port ${toPort} of ${to}`
  return `TCP ${port} forwarded to ${inside} at ${action.router}`
}

/** All actions as one sentence. */
export function actionsText(actions: readonly RemedyAction[]): string {
  const sentences = actions.map((action) => {
    if ('set' in action) {
      const settings = Object.entries(action.set).map(([variable, value]) =>
        value === null ? `take ${variable} away` : `set ${variable}=${value}`,
      )
      return `${list(settings)} on ${action.on}`
    }
    if ('start' in action) return `start ${action.on}`
    if ('hairpin' in action) return `turn hairpinning (NAT loopback) on at ${action.router}`
    if ('allow' in action) return `allow TCP ${action.allow} at ${action.router}`
    const { port, to, toPort } = action.forward
    return `forward TCP ${port} to ${to}${port === toPort ? '' : `, port ${toPort},`} at ${action.router}`
  })
  const text = list(sentences)
  return `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`
}

function list(items: readonly string[]): string {
  return items.length < 2
    ? (items[0] ?? '')
    : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`
}

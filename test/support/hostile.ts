import type { RunEvent } from '#orchestrator/run/events.ts'

/** What a peer may say to a page: markup, the end of what holds it, another event, what turns text around. */
export const HOSTILE = [
  `"><img src=x onerror=alert(1)><svg onload=alert(2)>`,
  `</script><script>alert(3)</script><!--`,
  `</title></style><style>*{display:none}</style>`,
  `javascript:alert(4)`,
  '${alert(5)}{{alert(6)}}',
  `\n\ndata: {"type":"run-failed","error":{"name":"Forged","message":"forged"},"exitCode":3,"atMs":9}\n\n`,
  `\u202egnidaelsim\u202c\u001b[2J\u0000\u2028`,
].join(' ')

/** A word that no line is wide enough for. */
const LONG = 'W'.repeat(4_000)

/** Fields that others fill. */
const OF_OTHERS = new Set(['agent', 'key', 'why', 'error', 'line', 'seen', 'observed', 'text'])
const LISTS_OF_OTHERS = new Set(['addresses', 'announced', 'protocols'])

/** Events of a run in which every text that comes from a peer is hostile, with lines of logs that are. */
export function hostileEvents(events: readonly RunEvent[]): RunEvent[] {
  const json = JSON.stringify(events.flatMap(withLog), (name, value: unknown) => {
    if (typeof value === 'string' && OF_OTHERS.has(name)) return worse(value)
    if (Array.isArray(value) && LISTS_OF_OTHERS.has(name)) return value.map(String).map(worse)
    return value
  })
  return JSON.parse(json) as RunEvent[]
}

function worse(text: string): string {
  return `${text}${HOSTILE}${LONG}`
}

/** After each thing that a node said, a line of its log. */
function withLog(event: RunEvent): RunEvent[] {
  if (event.type !== 'node-event') return [event]
  const { variant, node, atMs } = event
  return [event, { type: 'node-log', variant, node, line: 'a line ', atMs }]
}

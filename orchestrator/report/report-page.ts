import type { PlacedLine } from './page-logs.ts'
import { pageHtml } from './page.ts'
import type { WebClient } from './web-client.ts'

/** Characters of events in one page: what a browser opens within a second or two. */
export const MOST_EVENTS = 24_000_000

/** What goes into a page beside events, and how much does. */
export interface ReportPageOptions {
  /** Lines that stand between the events, in order. Default: none. */
  beside?: readonly PlacedLine[]
  /** Characters of events. Default `MOST_EVENTS`. */
  most?: number
}

/**
 * The page of a run that ended, from the lines of its `events.ndjson`. Where they are too many, the page keeps whatever the
 * run itself said and the first events of nodes, and says how many it leaves out.
 */
export function reportPage(
  client: WebClient,
  title: string,
  ndjson: string,
  { beside = [], most = MOST_EVENTS }: ReportPageOptions = {},
): string {
  const lines = ndjson.split('\n').filter((line) => line !== '')
  let room =
    most - lines.filter((line) => !isOfNode(line)).reduce((sum, { length }) => sum + length, 0)
  let [omitted, placed] = [0, 0]
  const kept: string[] = []
  for (const [index, line] of lines.entries()) {
    for (; (beside[placed]?.after ?? Infinity) <= index; placed++) {
      kept.push(beside[placed]?.text ?? '')
    }
    if (!isForPage(line)) continue
    if (isOfNode(line)) room -= line.length
    if (isOfNode(line) && room < 0) omitted += 1
    else kept.push(line)
  }
  kept.push(...beside.slice(placed).map(({ text }) => text))
  return pageHtml(client, { title, lines: kept, stream: null, omitted })
}

function isOfNode(line: string): boolean {
  return line.startsWith('{"type":"node-event"')
}

/** Router states are files beside the page, and no part of the picture. */
function isForPage(line: string): boolean {
  return !line.startsWith('{"type":"router-state"')
}

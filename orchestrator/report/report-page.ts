import { pageHtml } from './page.ts'
import type { WebClient } from './web-client.ts'

/** Characters of events in one page: what a browser opens within a second or two. */
export const MOST_EVENTS = 24_000_000

/**
 * The page of a run that ended, from the lines of its `events.ndjson`. Where they are too many, the page keeps whatever the
 * run itself said and the first events of nodes, and says how many it leaves out.
 */
export function reportPage(
  client: WebClient,
  title: string,
  ndjson: string,
  most: number = MOST_EVENTS,
): string {
  const lines = ndjson.split('\n').filter((line) => line !== '')
  let room =
    most - lines.filter((line) => !isOfNode(line)).reduce((sum, { length }) => sum + length, 0)
  const kept = lines.filter(isForPage).filter((line) => {
    if (!isOfNode(line)) return true
    room -= line.length
    return room >= 0
  })
  const omitted = lines.filter(isForPage).length - kept.length
  return pageHtml(client, { title, lines: kept, stream: null, omitted })
}

function isOfNode(line: string): boolean {
  return line.startsWith('{"type":"node-event"')
}

/** Router states are files beside the page, and no part of the picture. */
function isForPage(line: string): boolean {
  return !line.startsWith('{"type":"router-state"')
}

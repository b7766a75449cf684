import type { NodeEvent } from '#node/events/node-event.ts'
import { listText, shortAddress } from '#node/view/text.ts'

/**
 * What a node said, as a short sentence without its subject.
 *
 * @param nameOf - a peer id's name
 */
export function eventText(event: NodeEvent, nameOf: (peerId: string) => string): string {
  switch (event.event) {
    case 'start':
      return `starts as ${event.agent}`
    case 'listening':
      return `listens at ${shortAddress(event.address)}`
    case 'announcing':
      return `announces ${addresses(event.addresses)}`
    case 'mode':
      return `runs Kademlia as a ${event.mode}`
    case 'ready':
      return 'is ready'
    case 'connected':
      return event.direction === 'inbound'
        ? `is dialled by ${nameOf(event.peer)}, which comes from ${shortAddress(event.address)}`
        : `connects to ${nameOf(event.peer)} at ${shortAddress(event.address)}`
    case 'closed':
      return `has no connection to ${nameOf(event.peer)} any more`
    case 'identified':
      return `identifies ${nameOf(event.peer)}, which announces ${addresses(event.addresses)}`
    case 'identify-failed':
      return `could not identify ${nameOf(event.peer)}: ${event.error}`
    case 'dial-failed': {
      const whom = event.peer === null ? '' : `${nameOf(event.peer)} at `
      return `could not dial ${whom}${shortAddress(event.address)}: ${event.kind}`
    }
    case 'denied':
      return `a connection with ${shortAddress(event.address)} ended before it was secured: ${event.error}`
    case 'listed':
      return `lists ${nameOf(event.peer)} at ${addresses(event.addresses)}`
    case 'unlisted':
      return `lists ${nameOf(event.peer)} no more: ${event.why}`
    case 'dialled-back':
      return event.ok
        ? `reaches ${nameOf(event.peer)} on a fresh connection to ${shortAddress(event.address)}`
        : `cannot reach ${nameOf(event.peer)} at ${shortAddress(event.address)}: ${event.kind ?? 'unknown'}`
    case 'sighting':
      return `sees ${nameOf(event.peer)} ${event.rung}${event.cause === null ? '' : `, ${event.cause}`}`
    case 'stored':
      return `stores ${event.key}${event.from === null ? '' : ` from ${nameOf(event.from)}`}`
    case 'late':
      return `stood still for ${event.lateMs} ms: the machine is too slow, or too busy`
    case 'stopping':
      return `stops: ${event.why}`
  }
}

function addresses(all: readonly string[]): string {
  return all.length === 0 ? 'no address' : listText(all.map(shortAddress))
}

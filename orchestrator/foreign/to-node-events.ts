import type { NodeEventBody } from '#node/events/node-event.ts'
import { foreignDialErrorKind } from './foreign-dial-error.ts'
import type { ForeignEvent } from './foreign-line.ts'
import type { ForeignView } from './foreign-view.ts'

/**
 * A foreign peer's event in the words of kadlab's nodes, and where it moves a peer on the ladder the new sighting with
 * it. What kadlab has no event for becomes a sighting alone, or nothing.
 *
 * @param view has heard the event already
 */
export function toNodeEvents(event: ForeignEvent, view: ForeignView): NodeEventBody[] {
  switch (event.event) {
    case 'start': {
      return [{ event: 'start', peer: event.peer, agent: event.agent }]
    }
    case 'listening': {
      return [{ event: 'listening', address: event.address }]
    }
    case 'announcing': {
      return [{ event: 'announcing', addresses: event.addresses }]
    }
    case 'mode': {
      return [{ event: 'mode', mode: event.mode }]
    }
    case 'external-candidate': {
      return []
    }
    case 'connected': {
      const { peer, direction, address } = event
      return [{ event: 'connected', peer, direction, address }, sighting(peer, view)]
    }
    case 'closed': {
      return [{ event: 'closed', peer: event.peer }, sighting(event.peer, view)]
    }
    case 'identified': {
      const { peer, agent, addresses, protocols, observed } = event
      return [
        { event: 'identified', peer, agent, addresses, protocols, observed },
        sighting(peer, view),
      ]
    }
    case 'identify-failed': {
      const { peer, error } = event
      return [{ event: 'identify-failed', peer, error }, sighting(peer, view)]
    }
    case 'dial-failed': {
      const { peer, error } = event
      const kind = foreignDialErrorKind(error, view.peerId)
      const failed: NodeEventBody = { event: 'dial-failed', peer, address: '', kind, error }
      return peer === null ? [failed] : [failed, sighting(peer, view)]
    }
    case 'listed': {
      const { peer, addresses } = event
      return [{ event: 'listed', peer, addresses }, sighting(peer, view)]
    }
    case 'unlisted': {
      const why = 'by the peer itself'
      return [{ event: 'unlisted', peer: event.peer, why }, sighting(event.peer, view)]
    }
    case 'group-full':
    case 'probe-failed':
    case 'unroutable-peer': {
      return [sighting(event.peer, view)]
    }
    default: {
      return event satisfies never
    }
  }
}

function sighting(peer: string, view: ForeignView): NodeEventBody {
  const { rung, cause, evidence, remedy } = view.sighting(peer)
  return { event: 'sighting', peer, rung, cause, evidence, remedy }
}

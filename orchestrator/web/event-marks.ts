import type { NodeEvent } from '#node/events/node-event.ts'

/** How a kind of event looks on the timeline: its shape says the same as its colour. */
export interface EventMark {
  /** What it stands for, in the legend. */
  says: string
  /** As the `d` of an SVG path, within 5 to each side of 0,0. */
  shape: string
  isFilled: boolean
  look: 'good' | 'bad' | 'accent' | 'dim'
}

const LIFE: EventMark = {
  says: 'starts, is ready, stops',
  shape: 'M-2.5,5 V-4.5 H4 V0.5 H-2.5',
  isFilled: false,
  look: 'dim',
}
const CONNECTED: EventMark = {
  says: 'connected',
  shape: 'M-4,0 A4,4 0 1 1 4,0 A4,4 0 1 1 -4,0 z',
  isFilled: true,
  look: 'accent',
}
const IDENTIFIED: EventMark = {
  says: 'identified',
  shape: 'M-3.5,-3.5 H3.5 V3.5 H-3.5 z',
  isFilled: true,
  look: 'accent',
}
const LISTED: EventMark = {
  says: 'listed',
  shape: 'M0,-5 L5,0 L0,5 L-5,0 z',
  isFilled: true,
  look: 'good',
}
const REACHED: EventMark = {
  says: 'reached on a fresh connection',
  shape: 'M0,-4.5 L4.5,4 H-4.5 z',
  isFilled: true,
  look: 'good',
}
const FAILED: EventMark = {
  says: 'failed',
  shape: 'M-4,-4 L4,4 M4,-4 L-4,4',
  isFilled: false,
  look: 'bad',
}
const SIGHTING: EventMark = {
  says: 'judges a pair',
  shape: 'M0,-4 V4',
  isFilled: false,
  look: 'dim',
}
const STORED: EventMark = {
  says: 'stores a record',
  shape: 'M0,4.5 L4.5,-4 H-4.5 z',
  isFilled: true,
  look: 'accent',
}
const CLOSED: EventMark = { ...CONNECTED, says: 'connection closed', isFilled: false, look: 'dim' }
const UNLISTED: EventMark = { ...LISTED, says: 'listed no more', isFilled: false, look: 'bad' }

/** All of them, in the order of the legend, in which they are drawn too: what matters most lies on top. */
export const EVENT_MARKS: readonly EventMark[] = [
  LIFE,
  SIGHTING,
  CONNECTED,
  CLOSED,
  IDENTIFIED,
  STORED,
  REACHED,
  LISTED,
  UNLISTED,
  FAILED,
]

/** The mark of an event. */
export function eventMark(event: NodeEvent): EventMark {
  switch (event.event) {
    case 'start':
    case 'listening':
    case 'announcing':
    case 'mode':
    case 'ready':
    case 'stopping':
      return LIFE
    case 'connected':
      return CONNECTED
    case 'closed':
      return CLOSED
    case 'identified':
      return IDENTIFIED
    case 'listed':
      return LISTED
    case 'unlisted':
      return UNLISTED
    case 'dialled-back':
      return event.ok ? REACHED : FAILED
    case 'dial-failed':
    case 'identify-failed':
    case 'late':
    case 'denied':
      return FAILED
    case 'sighting':
      return SIGHTING
    case 'stored':
      return STORED
  }
}

import type { NodeEventBody } from './node-event.ts'

type EventName = NodeEventBody['event']
type FieldOf<Event extends EventName> = Exclude<
  Extract<keyof Extract<NodeEventBody, { event: Event }>, string>,
  'event'
>

/** What an event says, and each of its fields, for the reference. */
export interface EventDoc<Field extends string = string> {
  about: string
  fields: Readonly<Record<Field, string>>
}

const PEER = 'peer id'
const KIND = 'refused, timed out, and so on; the names are stable'

/** Every event of a node; a new one, or a new field of one, does not compile without its line here. */
export const NODE_EVENTS: { readonly [Event in EventName]: EventDoc<FieldOf<Event>> } = {
  start: {
    about: 'The node has its identity.',
    fields: { peer: 'its own peer id', agent: 'its own agent version' },
  },
  listening: { about: 'The node listens.', fields: { address: 'multiaddr, one an event' } },
  announcing: {
    about: 'What the node announces has changed.',
    fields: { addresses: 'multiaddrs, all of them' },
  },
  mode: { about: 'The Kademlia mode, at the start and when it changes.', fields: { mode: '' } },
  ready: {
    about: 'The node listens, has joined and (with bootstrap peers) lists someone.',
    fields: {},
  },
  connected: {
    about: 'A connection is open and secured.',
    fields: { peer: PEER, direction: 'who dialled', address: 'of the other end' },
  },
  closed: { about: 'The last connection to a peer ended.', fields: { peer: PEER } },
  identified: {
    about: 'A peer said who it is (identify).',
    fields: {
      peer: PEER,
      agent: 'agent version, or null',
      addresses: 'what it announces',
      protocols: 'what it speaks',
      observed: 'the address at which it sees this node, or null',
    },
  },
  'identify-failed': {
    about: 'Identify did not complete.',
    fields: { peer: PEER, error: 'text' },
  },
  'dial-failed': {
    about: 'A dial of one address failed.',
    fields: { peer: 'peer id, or null', address: '', kind: KIND, error: 'text' },
  },
  denied: {
    about: 'A connection ended before it was secured.',
    fields: { address: '', error: 'text' },
  },
  listed: {
    about: 'A peer came into the routing table.',
    fields: { peer: PEER, addresses: 'under which it is listed' },
  },
  unlisted: { about: 'A peer left the routing table.', fields: { peer: PEER, why: 'text' } },
  'dialled-back': {
    about: 'A fresh connection to an address of a listed peer was tried.',
    fields: {
      peer: PEER,
      address: '',
      ok: 'whether it succeeded',
      kind: `null where ok; else ${KIND}`,
    },
  },
  sighting: {
    about: 'The judgement of a peer has changed: its rung, or why it stands there.',
    fields: {
      peer: PEER,
      rung: 'of the ladder',
      cause: 'null on the top rung',
      evidence: 'what was seen',
      remedy: 'what to set to what, or null',
    },
  },
  stored: {
    about: 'The node stored a record.',
    fields: { key: '', from: 'peer id of who sent it, or null for its own' },
  },
  late: {
    about:
      'The event loop of the node stood still: the machine is too slow, or too busy. What it timed meanwhile says little of others.',
    fields: { lateMs: 'for so long, in milliseconds' },
  },
  stopping: { about: 'The node ends.', fields: { why: 'text' } },
}

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NodeEvent, NodeEventBody } from '#node/events/node-event.ts'
import { type Contacts, createContacts } from '#orchestrator/run/contacts.ts'

const idOf = (node: string): string => `peer-${node}`
const stamped = (event: NodeEventBody): NodeEvent => ({ ...event, seq: 1, ms: 1 })
const connects = (node: string, direction: 'inbound' | 'outbound'): NodeEvent =>
  stamped({ event: 'connected', peer: idOf(node), direction, address: '' })
const failsToDial = (node: string): NodeEvent =>
  stamped({ event: 'dial-failed', peer: idOf(node), address: '', kind: 'refused', error: '' })

function contactsOf(...nodes: string[]): Contacts {
  const contacts = createContacts(idOf)
  for (const node of nodes) contacts.begins(node)
  return contacts
}

describe('what nodes did to each other', () => {
  it('is a dial where it failed too, and none where the other dialled', () => {
    const contacts = contactsOf('A', 'B', 'C')
    contacts.onEvent('A', failsToDial('B'))
    contacts.onEvent('A', connects('C', 'inbound'))
    assert.equal(contacts.hasDialled('A', 'B'), true)
    assert.equal(contacts.hasDialled('A', 'C'), false)
    assert.equal(contacts.hasDialled('B', 'A'), false)
  })

  it('goes with the life in which it was done', () => {
    const contacts = contactsOf('A', 'B')
    contacts.onEvent('A', connects('B', 'outbound'))
    assert.equal(contacts.hasDialled('A', 'B'), true)
    contacts.begins('A')
    assert.equal(contacts.hasDialled('A', 'B'), false)
    assert.equal(contacts.connectedSinceChange('A', 'B'), false)
  })

  it('is new until something changes, and a dial all the same', () => {
    const contacts = contactsOf('A', 'B')
    contacts.onEvent('A', connects('B', 'outbound'))
    assert.equal(contacts.connectedSinceChange('A', 'B'), true)
    contacts.changed()
    assert.equal(contacts.connectedSinceChange('A', 'B'), false)
    assert.equal(contacts.hasDialled('A', 'B'), true)
  })
})

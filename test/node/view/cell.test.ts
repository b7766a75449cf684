import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { discoveryView } from '#node/view/cell.ts'
import { createFakeApi } from '#test/node/api/fake-api.ts'

const [A, B, C] = [
  '12D3KooWAAAAAAAAaaaaaaaa',
  '12D3KooWBBBBBBBBbbbbbbbb',
  '12D3KooWCCCCCCCCcccccccc',
]

async function account(peerId: string, ...targets: string[]) {
  return { peerId, sightings: await createFakeApi().discovery({ targets }) }
}

describe('discoveryView', () => {
  it('names who has a name, heard of or not, and shortens the rest', async () => {
    const names = new Map([
      [B, 'b'],
      [A, 'a'],
      ['12D3KooWD', 'd'],
    ])
    const { observers, targets, cells } = discoveryView([await account(A, B, C)], names)
    assert.deepEqual(observers, ['a'])
    assert.deepEqual(targets, ['b', 'a', 'd', '…cccccccc'])
    assert.deepEqual(
      cells.map(({ observer, target, cause }) => [observer, target, cause]),
      [
        ['a', 'b', 'ONLY_PRIVATE_ADDRESSES'],
        ['a', '…cccccccc', 'ONLY_PRIVATE_ADDRESSES'],
      ],
    )
  })

  it('has each node once where several tell of it', async () => {
    const accounts = [await account(A, B, C), await account(B, A, C)]
    const { observers, targets } = discoveryView(accounts, new Map())
    assert.deepEqual(observers, ['…aaaaaaaa', '…bbbbbbbb'])
    assert.deepEqual(targets, ['…aaaaaaaa', '…bbbbbbbb', '…cccccccc'])
  })
})

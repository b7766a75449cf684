import assert from 'node:assert/strict'
import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { isEmpty, LiveCluster } from '../live.ts'
import { Ledger } from '../stub/ledger.ts'
import type { Values } from '../stub/values.ts'
import { PROJECT } from '../terraform.ts'
import { LACKING } from './changes.ts'

const NODES = ['kadlab-00', 'kadlab-01', 'kadlab-02']

/** Notes what is stored and deleted, in its order. */
class NotingLedger extends Ledger {
  readonly notes: string[] = []

  override put(type: string, values: Values): ReturnType<Ledger['put']> {
    if (/blob|virtual_machine/.test(type)) this.notes.push(`${type} ${String(values['name'])}`)
    return super.put(type, values)
  }

  override delete(type: string, id: unknown): void {
    this.notes.push(`${type} deleted`)
    super.delete(type, id)
  }
}

describe('a resize', () => {
  it('node by node, as documented, stops one VM where Azure lacks the size, and the next plan says so', async () => {
    // The loop of terraform/README.md: it breaks at the first failure.
    const readme = await readFile(join(PROJECT, 'terraform/README.md'), 'utf8')
    const target = /-target="(module\.[^"]*)\[\\"\$node\\"\]"/.exec(readme)?.[1] ?? ''
    assert.match(readme, /-target=.* \|\| break/)
    await using live = await LiveCluster.open({ shortage: (size) => size === LACKING })
    await live.apply({})
    const codes: number[] = []
    for (const node of NODES) {
      const args = ['-auto-approve', `-target=${target}["${node}"]`]
      const { code } = await live.run('apply', { size: LACKING }, ...args)
      codes.push(code)
      if (code !== 0) break
    }
    assert.deepEqual(codes, [1])
    assert.deepEqual(live.stopped(), ['kadlab-00'])

    // Back to the size before: Terraform is content, and says what is stopped and how to start it.
    const back = await live.change({})
    assert.deepEqual([back.failed, isEmpty(back.again)], [null, true])
    assert.deepEqual(back.stopped, ['kadlab-00'])
    assert.ok(
      back.warnings.some((warning) =>
        warning.includes('az vm start --resource-group kadlab-rg --name kadlab-00'),
      ),
      back.warnings.join('\n'),
    )
  })
})

describe('a new pack', () => {
  it('is there before any VM is told of it, and the old one goes after all of them were', async () => {
    const ledger = new NotingLedger()
    await using live = await LiveCluster.open({ ledger })
    await live.apply({})
    ledger.notes.length = 0
    await appendFile(join(live.workspace.root, 'node/main.ts'), '\n// Revised.\n')
    await live.apply({})
    const kinds = ledger.notes.map((note) => (note.endsWith('deleted') ? note : note.split(' ')[0]))
    const machine = 'azurerm_linux_virtual_machine'
    assert.deepEqual(kinds, [
      'azurerm_storage_blob',
      ...NODES.map(() => machine),
      'azurerm_storage_blob deleted',
    ])
  })
})

import assert from 'node:assert/strict'
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { LiveCluster, type Outcome, type Variables } from '../live.ts'
import { idOf } from '../stub/ids.ts'
import { type Change, CHANGES, GIVEN_GROUP, LACKING } from './changes.ts'
import { summarise, type RowOutcome } from './outcome.ts'

export type Deployment = 'three' | 'six'

/** Where the outcomes are kept that the README's table is made of. */
export function recordPath(deployment: Deployment): string {
  return join(import.meta.dirname, `${deployment}.json`)
}

interface Row extends RowOutcome {
  what: string
  how: string
}

async function readRecord(deployment: Deployment): Promise<Row[]> {
  return JSON.parse(await readFile(recordPath(deployment), 'utf8').catch(() => '[]')) as Row[]
}

/** Writes what was found into the record, in the order of the changes; rows that were not tried stay. */
async function record(deployment: Deployment, rows: readonly Row[]): Promise<void> {
  const all = [...rows, ...(await readRecord(deployment))]
  const sorted = CHANGES.flatMap(
    ({ what, how }) => all.find((row) => row.what === what && row.how === how) ?? [],
  )
  await writeFile(recordPath(deployment), `${JSON.stringify(sorted, null, 2)}\n`)
}

/** Applies a change to a deployment as it was saved, undoing what it changes in files. */
async function outcomeOf(
  live: LiveCluster,
  change: Change,
  variables: Variables,
): Promise<Outcome> {
  await live.restore()
  const args = (change.replace ?? []).map((address) => `-replace=${address}`)
  if (change.edit === undefined) return live.change(variables, ...args)
  const { root } = live.workspace
  const copy = join(root, 'sound')
  const edited = ['node/main.ts', 'terraform/files/kadlab-rollout']
  for (const file of edited) await cp(join(root, file), join(copy, file))
  try {
    await change.edit(root)
    return await live.change(variables, ...args)
  } finally {
    for (const file of edited) await cp(join(copy, file), join(root, file))
    await rm(copy, { recursive: true })
  }
}

/**
 * Tries every change on a deployment that lives and holds what comes of it against the record. With the environment
 * variable DAY_2_RECORD set, the record is written anew instead.
 */
export function describeDayTwo(deployment: Deployment, title: string, base: Variables): void {
  describe(`the second day of ${title}`, () => {
    const rows: Row[] = []
    let live: LiveCluster
    let recorded: Row[] = []

    before(async () => {
      live = await LiveCluster.open({ shortage: (size) => size === LACKING })
      const given = { name: GIVEN_GROUP, location: 'westeurope' }
      live.ledger.put('azurerm_resource_group', {
        ...given,
        id: idOf('azurerm_resource_group', given),
      })
      await live.apply(base)
      await live.save()
      recorded = await readRecord(deployment)
    })
    after(async () => {
      await live[Symbol.asyncDispose]()
      if (process.env['DAY_2_RECORD'] !== undefined) await record(deployment, rows)
    })

    for (const change of CHANGES) {
      const { what, how } = change
      const variables = change[deployment]
      if (variables === null) continue
      it(`${what}${how === '' ? '' : `: ${how}`}`, async () => {
        const outcome = await outcomeOf(live, change, { ...base, ...variables })
        const found = summarise(outcome)
        rows.push({ what, how, ...found })
        // The two ends that a change may have beside its own: refused before anything is touched, or, for a size that
        // nobody can know to be lacking, said by Azure.
        if (found.failed !== undefined) assert.deepEqual(found.failed, ['SkuNotAvailable'])
        else assert.equal(found.again, 'nothing', JSON.stringify(outcome.again))
        if (process.env['DAY_2_RECORD'] !== undefined) return
        const row = recorded.find((candidate) => candidate.what === what && candidate.how === how)
        assert.deepEqual({ what, how, ...found }, row)
      })
    }
  })
}

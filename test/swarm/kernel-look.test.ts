import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { currentOwner } from '#orchestrator/fabric/docker/owner.ts'
import { connectSwarm } from '#orchestrator/fabric/swarm/engines-file.ts'
import { checkKernels } from '#orchestrator/fabric/swarm/kernel-look.ts'
import { engineNames, leftBy } from './engines.ts'

/** Has neither nft nor ip, which to whoever tries is a kernel that can do nothing. */
const BARE_IMAGE = 'debian:bookworm-slim'

describe('engines whose kernel lacks what a lab needs', { timeout: 60_000 }, () => {
  it('are refused by name before anything is built, and keep nothing', async () => {
    const engines = await connectSwarm(await engineNames(), process.env)
    const lab = {
      id: randomBytes(4).toString('hex'),
      scenario: 'kernel-look',
      owner: await currentOwner(),
    }
    await assert.rejects(checkKernels(engines, lab, BARE_IMAGE, {}), {
      name: 'SwarmUnfitError',
      message:
        /^The kernel of the engine \S+ cannot do nat, conntrack, vxlan: load there nf_tables, .* \(modprobe\)\.$/,
    })
    assert.deepEqual(await leftBy(process.pid), [])
  })
})

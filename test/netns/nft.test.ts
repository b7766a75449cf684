import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NatProofError } from '#orchestrator/proof/prove.ts'
import { proveRouters } from '#orchestrator/proof/prove.ts'
import {
  GRIDS,
  ROUNDS,
  gridPlan,
  everyPresetPlan,
  overridesPlan,
  roundPlan,
} from '#test/orchestrator/proof/preset-rounds.ts'
import { useNetnsLab } from './netns-lab.ts'

describe('nft rulesets in the kernel', () => {
  const plan = everyPresetPlan()
  const lab = useNetnsLab(plan)

  it('measure as each preset says, for TCP and UDP', async () => {
    const proofs = await proveRouters(lab(), plan)
    assert.deepEqual(
      proofs.map((proof) => `${proof.router} ${proof.protocol}`),
      plan.routers.flatMap((router) => [`${router.name} tcp`, `${router.name} udp`]),
    )
  })
})

describe('nft rulesets of overridden presets in the kernel', () => {
  const plan = overridesPlan()
  const lab = useNetnsLab(plan)

  it('measure as the overrides say, for TCP and UDP', async () => {
    const proofs = await proveRouters(lab(), plan)
    assert.equal(proofs.length, 2 * plan.routers.length)
  })
})

describe('nft rulesets of every mapping with every filtering in the kernel', () => {
  const lab = useNetnsLab(gridPlan(...GRIDS[0]))

  for (const [ports, hairpin] of GRIDS) {
    it(`measure as they should with ports ${ports}, hairpinning ${hairpin}`, async () => {
      const plan = gridPlan(ports, hairpin)
      for (const router of plan.routers) await lab().load(router)
      const proofs = await proveRouters(lab(), plan)
      assert.equal(proofs.length, 18)
    })
  }
})

describe('the proof of a router that is not what its preset says', () => {
  const loaded = roundPlan(0)
  const lab = useNetnsLab(loaded)

  it('holds where each is declared as it is', async () => {
    await proveRouters(lab(), loaded)
  })

  // Every pair is tried on the simulated network; here some, for their time.
  for (let round = 1; round < ROUNDS; round += 2) {
    const declared = roundPlan(round)
    const pairs = declared.routers.map(
      (router, index) => `${router.preset} on ${loaded.routers[index]?.preset}`,
    )
    it(`fails: ${pairs.join(', ')}`, async () => {
      await assert.rejects(
        proveRouters(lab(), declared, { presenceMs: 500 }),
        (error: NatProofError) => {
          assert.equal(error.name, 'NatProofError')
          for (const router of declared.routers) {
            const proofs = error.proofs.filter((proof) => proof.router === router.name)
            assert.ok(
              proofs.some((proof) => !proof.holds && proof.differences.length > 0),
              `${router.name}: ${router.preset} was accepted`,
            )
          }
          return true
        },
      )
    })
  }
})

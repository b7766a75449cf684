import { z } from 'zod'
import { NAT_PRESETS, type NatPresetName } from '#orchestrator/net/nat-presets.ts'
import { presetRouters } from '#orchestrator/net/nat-spec.ts'
import { routedSite, routerOf } from '../open-port.ts'
import { defineStep } from '../step.ts'
import { name } from '../values.ts'

/** Presets that one router is, whatever stands behind it. */
const OF_ONE_ROUTER = Object.entries(NAT_PRESETS)
  .filter(([, { routers }]) => routers.length === 1 && routers[0]?.oneToOne === false)
  .map(([preset]) => preset as NatPresetName)

export const changeNat = defineStep({
  word: 'change-nat',
  doc: "Gives a site's router another NAT by its classic name, as where a provider sends another box: it has forgotten everything.",
  fields: {
    'change-nat': name.describe('The site.'),
    to: z
      .enum(OF_ONE_ROUTER)
      .describe('port-forward keeps what is forwarded, the others forward nothing.'),
  },
  plan: ({ 'change-nat': site, to }, { routers }) =>
    routerOf(site, routers).map(({ router }) => ({ router, preset: to })),
  text: ({ router, preset }) => `make ${router} ${preset}`,
  hasResult: false,
  check({ 'change-nat': site, to }, scene) {
    const found = routedSite(scene, site, 'change-nat')
    if (found?.isPaired === true) {
      scene.fault('change-nat', `impossible: nodes of ${site} have public addresses of their own`)
    }
    if (found !== null && to !== 'port-forward') found.open = new Set()
  },
  async run({ router, preset }, lab) {
    await lab.changeNat(router, (nat) => {
      const [changed = nat] = presetRouters({ preset })
      return { ...changed, forwards: preset === 'port-forward' ? nat.forwards : [] }
    })
    await lab.flushNat(router)
    return true
  },
})

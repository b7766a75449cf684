import { defineStep } from '../step.ts'
import { name } from '../values.ts'

export const flushNat = defineStep({
  word: 'flush-nat',
  doc: 'Makes the router of a site, or of all, forget its mappings.',
  fields: { 'flush-nat': name },
  plan: ({ 'flush-nat': site }, { routers }) =>
    routers
      .filter((router) => site === 'all' || router.site === site)
      .map(({ name }) => ({ router: name })),
  text: ({ router }) => `flush NAT mappings of ${router}`,
  hasResult: false,
  check({ 'flush-nat': site }, scene) {
    const known = ['all', ...scene.routedSites.keys()]
    if (known.includes(site)) return
    scene.fault(
      'flush-nat',
      `no site with a router is called '${site}'; there are ${known.join(', ')}`,
    )
  },
  async run({ router }, lab) {
    await lab.flushNat(router)
    return true
  },
})

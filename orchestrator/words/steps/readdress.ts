import { routedSite } from '../open-port.ts'
import { defineStep } from '../step.ts'
import { address, name } from '../values.ts'

export const readdress = defineStep({
  word: 'readdress',
  doc: 'Gives a site another public address, as providers do over night: what is open across its router is gone, and no node is told.',
  fields: {
    readdress: name.describe('The site.'),
    to: address
      .describe('One that nobody has by then. Default: the next that nobody has had.')
      .optional(),
  },
  plan({ readdress: site, to = null }, { routers, publicAddress }) {
    // A carrier's address is what the world sees of a home behind it.
    const outermost = routers.filter((router) => router.site === site).at(-1)
    if (outermost === undefined) return []
    const { name: router } = outermost
    return [{ router, address: publicAddress(router, to) }]
  },
  text: ({ router, address }) => `give ${router} the address ${address}`,
  hasResult: false,
  needs: 'readdresses',
  check({ readdress: site }, scene) {
    const found = routedSite(scene, site, 'readdress')
    if (found?.isPaired === true && found.nodes.length > 1) {
      const { length } = found.nodes
      scene.fault(
        'readdress',
        `impossible: each of the ${length} nodes of ${site} has a public address of its own`,
      )
    }
  },
  async run({ router, address }, lab) {
    await lab.readdress(router, address)
    return true
  },
})

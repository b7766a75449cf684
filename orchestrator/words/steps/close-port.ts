import { isSamePort, portText, routedSite, routerOf } from '../open-port.ts'
import { defineStep } from '../step.ts'
import { name, port } from '../values.ts'

export const closePort = defineStep({
  word: 'close-port',
  doc: "Takes a port from those that a site's router forwards, or its security group allows. What is open stays open.",
  fields: {
    'close-port': port,
    of: name.describe('The site.'),
  },
  plan: ({ 'close-port': closed, of }, { routers }) =>
    routerOf(of, routers).map(({ router }) => ({ router, port: closed })),
  text: ({ router, port }) => `close ${portText(port)} at ${router}`,
  hasResult: false,
  check({ 'close-port': closed, of }, scene) {
    const site = routedSite(scene, of)
    if (site === null || site.open === null) return
    if (site.open.delete(portText(closed))) return
    const open = [...site.open].join(', ') || 'none'
    scene.fault('close-port', `${portText(closed)} is not open at ${of}; open: ${open}`)
  },
  async run({ router, port }, lab) {
    await lab.changeNat(router, (nat) => ({
      ...nat,
      allow: nat.allow.filter((rule) => !isSamePort(rule, port)),
      forwards: nat.forwards.filter((rule) => !isSamePort(rule, port)),
    }))
    return true
  },
})

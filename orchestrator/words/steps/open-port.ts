import type { Forward } from '#orchestrator/net/nat.ts'
import { isSamePort, portText, routedSite, routerOf } from '../open-port.ts'
import { defineStep } from '../step.ts'
import { name, port, portNumber } from '../values.ts'

export const openPort = defineStep({
  word: 'open-port',
  doc: "Forwards a port of a site's router to a node, or lets its security group allow it.",
  fields: {
    'open-port': port,
    of: name.describe('The site.'),
    to: name.describe('The node that it leads to; a security group opens it for all.').optional(),
    toPort: portNumber.describe("The node's port. Default: the same.").optional(),
  },
  plan: ({ 'open-port': opened, of, to, toPort = opened.port }, { routers, nodes }) =>
    routerOf(of, routers).map(({ router }) => {
      const inside = nodes.find((node) => node.name === to)
      const forward: Forward | null =
        inside === undefined ? null : { ...opened, to: inside.address, toPort }
      return { router, port: opened, forward }
    }),
  text: ({ router, port, forward }) =>
    forward === null
      ? `allow ${portText(port)} at ${router}`
      : `forward ${portText(port)} at ${router} to ${forward.to}:${forward.toPort}`,
  hasResult: false,
  check({ 'open-port': opened, of, to, toPort }, scene) {
    const site = routedSite(scene, of)
    if (site === null) return
    const known = site.nodes.join(', ')
    if (site.isPaired && (to !== undefined || toPort !== undefined)) {
      const key = to === undefined ? 'toPort' : 'to'
      scene.fault(key, `the security group of ${of} opens a port for all its nodes: leave it out`)
    } else if (!site.isPaired && to === undefined) {
      scene.fault('open-port', `say which node of ${of} it leads to: to: one of ${known}`)
    } else if (to !== undefined && !site.nodes.includes(to)) {
      scene.fault('to', `expected a node of site ${of} (${known}), saw ${to}`)
    }
    if (site.open?.has(portText(opened)) === true) {
      scene.fault('open-port', `${portText(opened)} is open at ${of} already`)
    }
    site.open?.add(portText(opened))
  },
  async run({ router, port, forward }, lab) {
    await lab.changeNat(router, (nat) => {
      const others = nat.forwards.filter((rule) => !isSamePort(rule, port))
      if (forward !== null) return { ...nat, forwards: [...others, forward] }
      return { ...nat, allow: [...nat.allow.filter((rule) => !isSamePort(rule, port)), port] }
    })
    return true
  },
})

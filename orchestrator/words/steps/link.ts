import { z } from 'zod'
import { thereAre } from '../nearest.ts'
import { defineStep } from '../step.ts'
import { name } from '../values.ts'

export const link = defineStep({
  word: 'link',
  doc: "Pulls the cable of a node, or of a site's router to the outside, and plugs it in again. Nothing that runs is told.",
  fields: {
    link: z.enum(['off', 'on']).describe('What is to be.'),
    of: name.describe('The node, or the site whose nodes stay among themselves.'),
  },
  plan({ link, of }, { nodes }) {
    const own = nodes.filter((node) => node.name === of)
    const inside = own.length > 0 ? own : nodes.filter((node) => node.site === of)
    return [{ of, isOn: link === 'on', inside: inside.map((node) => node.name) }]
  },
  text: ({ of, isOn }) => `${isOn ? 'plug in' : 'pull'} the cable of ${of}`,
  hasResult: false,
  needs: 'blocks',
  check({ link, of }, scene) {
    const known = [...scene.nodes, ...scene.sites]
    if (!known.includes(of)) {
      scene.fault('of', `no node and no site is called '${of}'; ${thereAre(known, of)}`)
    } else if (link === 'off') {
      if (scene.cut.has(of)) scene.fault('link', `impossible: the cable of ${of} is off already`)
      scene.cut.add(of)
    } else if (!scene.cut.delete(of)) {
      scene.fault('link', `impossible: the cable of ${of} is not off here`)
    }
  },
  async run({ isOn, inside }, lab) {
    await lab.link(isOn, inside)
    return true
  },
})

import type { LinkPlan } from '#orchestrator/net/link.ts'
import { linkOf, linkSchema } from '../link-words.ts'
import { routedSite } from '../open-port.ts'
import { defineStep } from '../step.ts'
import { name } from '../values.ts'

export const shape = defineStep({
  word: 'shape',
  doc: "Gives a site's network another link: slower, narrower, losing more, or as it was. Nothing that runs is told.",
  fields: {
    shape: name.describe('The site.'),
    to: linkSchema.describe(
      "What each packet on the site's network meets from now on, as a site's link says it.",
    ),
  },
  plan: ({ shape: site, to }) => [
    { site, link: linkOf(to), as: typeof to === 'string' ? to : null },
  ],
  text: ({ site, link, as }) => `make the link of ${site} ${as ?? linkText(link)}`,
  hasResult: false,
  needs: 'shapes',
  check({ shape: site }, scene) {
    routedSite(scene, site, 'shape')
  },
  async run({ site, link }, lab) {
    await lab.shape(site, link)
    return true
  },
})

function linkText({ latencyMs, jitterMs, rateBps, loss }: LinkPlan): string {
  const parts = [
    ...(latencyMs === 0 ? [] : [`latency ${latencyMs} ms`]),
    ...(jitterMs === 0 ? [] : [`jitter ${jitterMs} ms`]),
    ...(rateBps === null ? [] : [`rate ${rateBps / 1000} kbit/s`]),
    ...(loss === 0 ? [] : [`loss ${Math.round(loss * 1000) / 10} %`]),
  ]
  return parts.length === 0 ? 'a switch' : parts.join(', ')
}

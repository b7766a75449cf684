import { z } from 'zod'
import { LINK_PRESETS } from '#orchestrator/net/link-presets.ts'
import type { LinkPlan } from '#orchestrator/net/link.ts'
import { delay, keysOf, rate, share, strict } from './values.ts'

const linkPreset = z.enum(keysOf(LINK_PRESETS)).describe('A link by its usual name.')

/** A link as a scenario says it. */
export const linkSchema = z
  .union([
    linkPreset,
    strict({
      latency: delay.describe('Delay of each packet in each direction. Default 0ms.').optional(),
      jitter: delay.describe('Largest random addition to the delay. Default 0ms.').optional(),
      rate: rate.describe('Bits a second. Default: unlimited.').optional(),
      loss: share.describe('Share of packets lost. Default 0%.').optional(),
    }),
  ])
  .describe("What each packet on the site's network meets. Default lan.")

export type LinkSpecWords = z.infer<typeof linkSchema>

/** The link that a scenario says; what it does not name is that of a switch. */
export function linkOf(link: LinkSpecWords): LinkPlan {
  if (typeof link === 'string') return LINK_PRESETS[link].link
  return {
    latencyMs: link.latency ?? 0,
    jitterMs: link.jitter ?? 0,
    rateBps: link.rate ?? null,
    loss: link.loss ?? 0,
  }
}

import type { LinkPlan } from './link.ts'

export type LinkPresetName =
  | 'lan'
  | 'fibre'
  | 'cable'
  | 'dsl'
  | 'wan'
  | 'mobile-4g'
  | 'satellite'
  | 'lossy'

export interface LinkPreset {
  /** One sentence for docs. */
  doc: string
  link: LinkPlan
}

/**
 * What packets meet in each direction on a link of that kind. Round figures of the usual order for each kind of access,
 * not a claim about any provider.
 */
export const LINK_PRESETS: Record<LinkPresetName, LinkPreset> = {
  lan: {
    doc: 'A switch: no delay worth a number, nothing lost.',
    link: { latencyMs: 0, jitterMs: 0, rateBps: null, loss: 0 },
  },
  fibre: {
    doc: 'Fibre to the home.',
    link: { latencyMs: 2, jitterMs: 0, rateBps: 500_000_000, loss: 0 },
  },
  cable: {
    doc: 'Cable access.',
    link: { latencyMs: 8, jitterMs: 2, rateBps: 100_000_000, loss: 0 },
  },
  dsl: {
    doc: 'DSL with interleaving.',
    link: { latencyMs: 15, jitterMs: 2, rateBps: 16_000_000, loss: 0 },
  },
  wan: {
    doc: 'The way between two regions of one continent.',
    link: { latencyMs: 20, jitterMs: 1, rateBps: 1_000_000_000, loss: 0 },
  },
  'mobile-4g': {
    doc: 'A phone on 4G, moving little.',
    link: { latencyMs: 30, jitterMs: 10, rateBps: 20_000_000, loss: 0.002 },
  },
  satellite: {
    doc: 'A geostationary satellite.',
    link: { latencyMs: 300, jitterMs: 10, rateBps: 10_000_000, loss: 0.005 },
  },
  lossy: {
    doc: 'A bad radio link: one packet in twenty is lost.',
    link: { latencyMs: 20, jitterMs: 10, rateBps: 10_000_000, loss: 0.05 },
  },
}

export function isLinkPresetName(name: string): name is LinkPresetName {
  return Object.hasOwn(LINK_PRESETS, name)
}

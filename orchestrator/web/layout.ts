import { routersAbove } from '#orchestrator/picture/packets.ts'
import type { VariantPicture } from '#orchestrator/picture/picture.ts'
import type { NodePlan, RouterPlan } from '#orchestrator/plan/plan-type.ts'

/** A node as a box, in pixels. */
export interface PlacedNode {
  node: NodePlan
  site: PlacedSite
  x: number
  y: number
}

/** A site, or the nodes that stand on the internet itself. */
export interface PlacedSite {
  name: string
  /** Its routers from inside to outside; none on the internet. */
  routers: RouterPlan[]
  subnet: string
  x: number
  y: number
  width: number
  height: number
}

export interface Layout {
  width: number
  height: number
  sites: PlacedSite[]
  nodes: PlacedNode[]
}

export const NODE_WIDTH = 132
export const NODE_HEIGHT = 46
export const HEAD = 54
const GAP = 14
const PAD = 10
/** Room for the internet, above all sites. */
export const TOP = 56

/**
 * Where everything stands: sites beside each other as far as the width goes, then below; the nodes of a site in columns.
 *
 * @param width - pixels, 280 or more
 */
export function layout(
  { plan, nodes }: Pick<VariantPicture, 'plan' | 'nodes'>,
  width: number,
): Layout {
  const all = nodes.map((node) => node.plan)
  const networks = [...new Set(all.map(({ network }) => network))]
  const inner = width - 2 * GAP
  const sites: PlacedSite[] = []
  const placed: PlacedNode[] = []
  let [x, y, rowHeight] = [GAP, TOP, 0]
  for (const network of networks) {
    const own = all.filter((node) => node.network === network)
    const most = Math.max(1, Math.floor((inner - 2 * PAD + GAP) / (NODE_WIDTH + GAP)))
    const columns = Math.min(
      most,
      own.length <= 3 ? own.length : Math.ceil(Math.sqrt(own.length * 2)),
    )
    const rows = Math.ceil(own.length / columns)
    const boxWidth = Math.max(
      columns * (NODE_WIDTH + GAP) - GAP + 2 * PAD,
      Math.min(inner, headWidth(plan.routers, network)),
    )
    const boxHeight = HEAD + rows * (NODE_HEIGHT + GAP) - GAP + PAD
    if (x > GAP && x + boxWidth > width - GAP) {
      x = GAP
      // Room for the edges between nodes of one row, which go below it.
      y += rowHeight + 3 * GAP
      rowHeight = 0
    }
    const site: PlacedSite = {
      name: network,
      routers: routersAbove(plan.routers, network),
      subnet: plan.networks.find(({ name }) => name === network)?.subnet ?? '',
      x,
      y,
      width: boxWidth,
      height: boxHeight,
    }
    sites.push(site)
    for (const [index, node] of own.entries()) {
      placed.push({
        node,
        site,
        x: site.x + PAD + (index % columns) * (NODE_WIDTH + GAP),
        y: site.y + HEAD + Math.floor(index / columns) * (NODE_HEIGHT + GAP),
      })
    }
    x += boxWidth + 2 * GAP
    rowHeight = Math.max(rowHeight, boxHeight)
  }
  return { width, height: y + rowHeight + 3 * GAP, sites, nodes: placed }
}

/** The head of a site has its router's preset and outside address in it. */
function headWidth(routers: readonly RouterPlan[], network: string): number {
  const own = routersAbove(routers, network)
  const letters = own.map(({ preset }) => preset)[0]?.length ?? 12
  return Math.max(190, (letters + (own.at(-1)?.wan.address.length ?? 0)) * 8 + 2 * PAD)
}

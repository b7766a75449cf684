import { useSignal } from '@preact/signals'
import { html } from 'htm/preact'
import { useEffect, useRef } from 'preact/hooks'
import { type NodePicture, pairKey, type VariantPicture } from '#orchestrator/picture/picture.ts'
import {
  HEAD,
  layout,
  NODE_HEIGHT,
  NODE_WIDTH,
  type PlacedNode,
  type PlacedSite,
  TOP,
} from './layout.ts'
import { rungLook } from './marks.ts'
import { linkTo } from './store.ts'

/** With more nodes than these, only what concerns the node under the pointer is drawn. */
const ALL_EDGES_UP_TO = 12

/** Internet, routers as boxes around their sites, nodes; who is connected, and who lists whom as it happens. */
export function Topology({ variant }: { variant: VariantPicture }): unknown {
  const frame = useRef<HTMLDivElement>(null)
  const width = useSignal(900)
  const focus = useSignal<string | null>(null)
  useEffect(() => {
    const element = frame.current
    if (element === null) return
    const observer = new ResizeObserver(() => (width.value = Math.max(280, element.clientWidth)))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  const place = layout(variant, width.value)
  const internet = variant.plan.networks.find(({ name }) => name === 'internet')
  const many = place.nodes.length > ALL_EDGES_UP_TO
  const shown = (one: string, other: string): boolean =>
    !many || focus.value === one || focus.value === other
  const looked = (name: string | null) => (): void => {
    focus.value = name
  }
  return html`<div class="topology" ref=${frame}>
    <svg
      viewBox="0 0 ${place.width} ${place.height}"
      width=${place.width}
      height=${place.height}
      role="img"
      aria-label="The network: sites behind their routers, and who lists whom"
    >
      <defs>
        ${['good', 'half'].map(
          (look) =>
            html`<marker
              id="tip-${look}"
              class=${look}
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="7"
              markerHeight="7"
              orient="auto"
            >
              <path d="M0,0 L8,4 L0,8 z" />
            </marker>`,
        )}
      </defs>
      <rect class="internet" x="1" y="1" width=${place.width - 2} height="30" rx="15" />
      <text class="name" x=${place.width / 2} y="21" text-anchor="middle">
        internet ${internet?.subnet ?? ''}
      </text>
      ${place.sites.map((site) => Site({ site }))} ${Edges({ variant, nodes: place.nodes, shown })}
      ${place.nodes.map((placed) =>
        Box({
          placed,
          picture: variant.nodes.find(({ plan }) => plan.name === placed.node.name),
          looked,
        }),
      )}
    </svg>
    <p class="legend">
      <span class="good">→ lists, dialable</span> <span class="half">→ lists</span>
      <span class="dim">┄ connected</span>
      ${many && html`<span class="dim">Point at a node to see its edges.</span>`}
    </p>
  </div>`
}

function Site({ site }: { site: PlacedSite }): unknown {
  const { name, routers, subnet, x, y, width, height } = site
  const open = routers.length === 0
  const isInternet = name === 'internet'
  const outside = routers.at(-1)?.wan.address ?? ''
  const presets = routers.map(({ preset }) => preset)
  const preset = [...new Set(presets)].join(' behind ')
  return html`<g class="site">
    <path class="wire" d=${wire(site)} />
    <rect x=${x} y=${y} width=${width} height=${height} rx="8" />
    <text class="name" x=${x + 10} y=${y + 20}
      >${open ? (isInternet ? 'on the internet' : 'nodes') : `${preset} ${outside}`}</text
    >
    <text x=${x + 10} y=${y + 38}
      >${open ? (isInternet ? 'no router' : 'who lists whom') : `${name} ${subnet}`}</text
    >
    <path class="rule" d="M${x},${y + HEAD - 8} H${x + width}" />
  </g>`
}

/** From the internet to a site: straight down to those of the first row, along the border to the others. */
function wire({ x, y, width }: PlacedSite): string {
  const middle = x + width / 2
  return y === TOP ? `M${middle},31 V${y}` : `M5,25 V${y - 12} H${middle} V${y}`
}

function Box({
  placed,
  picture,
  looked,
}: {
  placed: PlacedNode
  picture: NodePicture | undefined
  looked: (name: string | null) => () => void
}): unknown {
  const { node, x, y } = placed
  const state = picture?.state ?? 'planned'
  return html`<a
    href=${linkTo({ node: node.name, target: null })}
    onMouseEnter=${looked(node.name)}
    onMouseLeave=${looked(null)}
    onFocus=${looked(node.name)}
    onBlur=${looked(null)}
  >
    <g class="node ${state}">
      <title>${node.name}: ${state}${picture?.ready === true ? ', ready' : ''}</title>
      <rect x=${x} y=${y} width=${NODE_WIDTH} height=${NODE_HEIGHT} rx="6" />
      <text class="name" x=${x + 10} y=${y + 19}
        >${node.name} <tspan class="state">${state === 'up' ? '' : state}</tspan></text
      >
      <text x=${x + 10} y=${y + 36}>${node.address}</text>
    </g>
  </a>`
}

function Edges({
  variant,
  nodes,
  shown,
}: {
  variant: VariantPicture
  nodes: readonly PlacedNode[]
  shown: (one: string, other: string) => boolean
}): unknown {
  const at = new Map(nodes.map((placed) => [placed.node.peerId, placed]))
  return variant.nodes.flatMap(({ plan, peers }) =>
    Object.entries(peers).flatMap(([peer, { connection, listed }]) => {
      const from = at.get(plan.peerId)
      const to = at.get(peer)
      if (from === undefined || to === undefined || from === to) return []
      if (!shown(plan.name, to.node.name)) return []
      const edges: unknown[] = []
      if (connection?.direction === 'outbound') {
        edges.push(html`<path class="connection" d=${curve(from, to, 0)} />`)
      }
      if (listed !== null) {
        const cell = variant.cells[pairKey(plan.name, to.node.name)]
        const look = cell === undefined ? 'half' : rungLook(cell.rung).look
        const shade = look === 'good' ? 'good' : 'half'
        edges.push(
          html`<path class="lists ${shade}" d=${curve(from, to, 1)} marker-end="url(#tip-${shade})"
            ><title>${plan.name} lists ${to.node.name}</title></path
          >`,
        )
      }
      return edges
    }),
  )
}

/** From the border of a box to that of the other, bent to one side, so that both ways are seen. */
function curve(from: PlacedNode, to: PlacedNode, bend: 0 | 1): string {
  const [x1, y1, x2, y2] = [
    from.x + NODE_WIDTH / 2,
    from.y + NODE_HEIGHT / 2,
    to.x + NODE_WIDTH / 2,
    to.y + NODE_HEIGHT / 2,
  ]
  const far = Math.abs(x2 - x1)
  if (y1 === y2 && far > 1.5 * NODE_WIDTH) return below(from, to, bend)
  const length = Math.hypot(x2 - x1, y2 - y1) || 1
  const [ux, uy] = [(x2 - x1) / length, (y2 - y1) / length]
  const inset = Math.min(
    NODE_WIDTH / 2 / Math.max(Math.abs(ux), 0.001),
    NODE_HEIGHT / 2 / Math.max(Math.abs(uy), 0.001),
  )
  const side = bend * 10
  const [sx, sy] = [x1 + ux * inset - uy * side, y1 + uy * inset + ux * side]
  const [ex, ey] = [x2 - ux * (inset + 3) - uy * side, y2 - uy * (inset + 3) + ux * side]
  const sag = bend * 18
  const [mx, my] = [(sx + ex) / 2 - uy * sag, (sy + ey) / 2 + ux * sag]
  return `M${round(sx)},${round(sy)} Q${round(mx)},${round(my)} ${round(ex)},${round(ey)}`
}

/** Between nodes of one row that are not neighbours: below the others. */
function below(from: PlacedNode, to: PlacedNode, bend: 0 | 1): string {
  const side = Math.sign(to.x - from.x) * (bend === 1 ? 14 : 4)
  const [sx, ex] = [from.x + NODE_WIDTH / 2 + side, to.x + NODE_WIDTH / 2 - side]
  const [sy, ey] = [from.y + NODE_HEIGHT, to.y + NODE_HEIGHT + 3]
  const sag = 20 + Math.min(56, Math.abs(ex - sx) / 9)
  return `M${round(sx)},${round(sy)} Q${round((sx + ex) / 2)},${round(sy + sag)} ${round(ex)},${round(ey)}`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

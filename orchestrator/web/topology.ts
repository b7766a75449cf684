import { type Signal, useSignal } from '@preact/signals'
import { html } from 'htm/preact'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { type NodePicture, pairKey, type VariantPicture } from '#orchestrator/picture/picture.ts'
import { edgePath, type EdgePlace, pathText } from './edge-path.ts'
import {
  HEAD,
  type Layout,
  layout,
  NODE_HEIGHT,
  NODE_WIDTH,
  type PlacedNode,
  type PlacedSite,
  TOP,
} from './layout.ts'
import { rungLook } from './marks.ts'
import { still } from './still.ts'
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
  const place = useMemo(() => layout(variant, width.value), [variant.variant, width.value])
  const internet = variant.plan.networks.find(({ name }) => name === 'internet')
  const many = place.nodes.length > ALL_EDGES_UP_TO
  return html`<div class="topology" ref=${frame}>
    <svg
      viewBox="0 0 ${place.width} ${place.height}"
      width=${place.width}
      height=${place.height}
      role="img"
      aria-label="The network: sites behind their routers, and who lists whom"
    >
      <defs>
        ${Tip({ look: 'good', shape: 'M0,0 L8,4 L0,8 z' })}
        ${Tip({ look: 'half', shape: 'M1,0.5 L7,4 L1,7.5' })}
      </defs>
      <rect class="internet" x="1" y="1" width=${place.width - 2} height="30" rx="15" />
      <text class="name" x=${place.width / 2} y="21" text-anchor="middle">
        internet ${internet?.subnet ?? ''}
      </text>
      ${place.sites.map((site) => html`<${Site} site=${site} />`)}
      ${variant.nodes.map(
        (node, row) =>
          html`<${EdgesOf}
            node=${node}
            row=${row}
            place=${place}
            dialable=${dialableFor(node, variant)}
            only=${many ? (focus.value ?? '') : null}
          />`,
      )}
      ${place.nodes.map((placed) => {
        const node = variant.nodes.find(({ plan }) => plan.name === placed.node.name)
        return html`<${Box} placed=${placed} node=${node} variant=${variant.name} focus=${focus} />`
      })}
    </svg>
    <p class="legend">
      <span class="good">${Sample({ look: 'good' })} lists, and can dial it</span>
      <span class="half">${Sample({ look: 'half' })} lists alone</span>
      <span class="dim">${Sample({ look: null })} connected</span>
      ${many && html`<span class="dim">Point at a node to see its edges.</span>`}
    </p>
  </div>`
}

const Site = still(({ site }: { site: PlacedSite }) => {
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
})

/** From the internet to a site: straight down to those of the first row, along the border to the others. */
function wire({ x, y, width }: PlacedSite): string {
  const middle = x + width / 2
  return y === TOP ? `M${middle},31 V${y}` : `M5,25 V${y - 12} H${middle} V${y}`
}

const Box = still(
  ({
    placed,
    node: picture,
    focus,
  }: {
    placed: PlacedNode
    node: NodePicture | undefined
    /** Links lead to a node of it. */
    variant: string
    focus: Signal<string | null>
  }) => {
    const { node, x, y } = placed
    const state = picture?.state ?? 'planned'
    const looked = (name: string | null) => (): void => {
      focus.value = name
    }
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
  },
)

/** The tip of an arrow: filled where the line is whole, open where it is dashed. */
function Tip({ look, shape }: { look: 'good' | 'half'; shape: string }): unknown {
  return html`<marker
    id="tip-${look}"
    class=${look}
    viewBox="0 0 8 8"
    refX="7"
    refY="4"
    markerWidth="5"
    markerHeight="5"
    orient="auto"
  >
    <path d=${shape} />
  </marker>`
}

/** An edge as it is drawn, for the legend. */
function Sample({ look }: { look: 'good' | 'half' | null }): unknown {
  return html`<svg class="sample" viewBox="0 0 40 12" width="40" height="12" aria-hidden="true">
    ${
      look === null
        ? html`<path class="connection" d="M2,6 H38" />`
        : html`<path class="lists ${look}" d="M2,6 H37" marker-end="url(#tip-${look})" />`
    }
  </svg>`
}

/** The peers, by id, that a node can dial. */
function dialableFor({ plan, peers }: NodePicture, { cells, nodes }: VariantPicture): string[] {
  return nodes.flatMap(({ plan: { name, peerId } }) => {
    const cell = peerId in peers ? cells[pairKey(plan.name, name)] : undefined
    return cell !== undefined && rungLook(cell).look === 'good' ? [peerId] : []
  })
}

/** Whom a node dialled, and whom it lists. */
const EdgesOf = still(
  ({
    node: { plan, peers },
    row,
    place,
    dialable,
    only,
  }: {
    node: NodePicture
    /** Its number among the nodes. */
    row: number
    place: Layout
    dialable: readonly string[]
    /** The one node whose edges are drawn; null: all are. */
    only: string | null
  }) => {
    const from = place.nodes.find(({ node }) => node.name === plan.name)
    const edges: unknown[] = []
    for (const [column, [peer, { connection, listed }]] of Object.entries(peers).entries()) {
      const to = place.nodes.find(({ node }) => node.peerId === peer)
      if (from === undefined || to === undefined || from === to) continue
      if (only !== null && only !== plan.name && only !== to.node.name) continue
      const lane = row * (place.nodes.length - 1) + column
      const way = (bend: EdgePlace['bend']): string =>
        pathText(edgePath(place, from, to, { bend, lane }))
      if (connection?.direction === 'outbound') {
        edges.push(html`<path key=${`${peer} connected`} class="connection" d=${way(0)} />`)
      }
      if (listed === null) continue
      const isDialable = dialable.includes(peer)
      const look = isDialable ? 'good' : 'half'
      const says = `${plan.name} lists ${to.node.name}${isDialable ? ', and can dial it' : ''}`
      edges.push(
        html`<path key=${peer} class="lists ${look}" d=${way(1)} marker-end="url(#tip-${look})"
          ><title>${says}</title></path
        >`,
      )
    }
    return edges
  },
)

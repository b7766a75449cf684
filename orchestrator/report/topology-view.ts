import type { Style } from '#node/view/style.ts'
import { listText } from '#node/view/text.ts'
import type { NodePlan, Plan, RouterPlan, VariantPlan } from '#orchestrator/plan/plan-type.ts'
import { isCrowd, span } from './format.ts'

/** The topology in a few lines: the internet, its routers, the sites behind them, their nodes. */
export function topologyLines(plan: Plan, variant: VariantPlan, style: Style): string[] {
  const internet = plan.networks.find(({ name }) => name === 'internet')
  const branches = isCrowd(variant.nodes)
    ? crowdBranches(plan, variant, style)
    : [...openNodes(variant, style), ...siteBranches(plan, variant, style)]
  return [
    `internet ${internet?.subnet ?? ''}`,
    ...branches.map((branch, index) => {
      const twig = index === branches.length - 1 ? '└─' : '├─'
      return `${style('dim', twig)} ${branch}`
    }),
  ]
}

/** Sites of one preset with as many nodes each are one line. */
function crowdBranches(plan: Plan, variant: VariantPlan, style: Style): string[] {
  const open = variant.nodes.filter(({ network }) => network === 'internet')
  const inner = plan.routers.filter((router) => !isCarrier(plan, router))
  const standing = (router: RouterPlan): string[] =>
    variant.nodes.filter(({ network }) => network === router.lan.network).map(({ name }) => name)
  const alike = Map.groupBy(inner, (router) => `${router.preset} ${standing(router).length}`)
  const sites = [...alike.values()].map((routers) => {
    const site = style('cyan', routers[0]?.preset ?? '')
    const names = span(routers.map(({ site }) => site))
    const nodes = routers.flatMap(standing)
    return [
      `${routers.length} ${routers.length === 1 ? 'site' : 'sites'} ${site} ${names}`,
      `${counted(nodes.length)} ${style('bold', span(nodes))}`,
    ].join(` ${style('dim', '─')} `)
  })
  const names = open.map(({ name }) => name)
  const atHome = `${counted(names.length)} ${style('bold', span(names))}`
  return [...(names.length === 0 ? [] : [atHome]), ...sites]
}

function counted(nodes: number): string {
  return `${nodes} ${nodes === 1 ? 'node' : 'nodes'}`
}

function openNodes(variant: VariantPlan, style: Style): string[] {
  return variant.nodes
    .filter(({ network }) => network === 'internet')
    .map((node) => `${style('bold', node.name)} ${node.address}${remarks(node, variant)}`)
}

function siteBranches(plan: Plan, variant: VariantPlan, style: Style): string[] {
  const inner = plan.routers.filter((router) => !isCarrier(plan, router))
  const rows = inner.map((router) => {
    const carrier = plan.routers.find(({ lan }) => lan.network === router.wan.network)
    const outermost = carrier ?? router
    const subnet = plan.networks.find(({ name }) => name === router.lan.network)?.subnet ?? ''
    const nodes = variant.nodes
      .filter(({ network }) => network === router.lan.network)
      .map((node) => {
        const pair = router.nat.oneToOne.find(({ private: inside }) => inside === node.address)
        const seenAs =
          pair !== undefined && router.nat.oneToOne.length > 1 ? ` = ${pair.public}` : ''
        return `${style('bold', node.name)} ${node.address}${seenAs}${remarks(node, variant)}`
      })
    return {
      outside: [outermost.wan.address, ...outermost.wan.furtherAddresses].join(' '),
      preset: router.preset,
      inside: `${router.site} ${subnet}`,
      nodes: nodes.join(', '),
    }
  })
  const width = (key: 'outside' | 'preset' | 'inside'): number =>
    Math.max(0, ...rows.map((row) => row[key].length))
  return rows.map(
    (row) =>
      `${row.outside.padEnd(width('outside'))} ${style('cyan', row.preset.padEnd(width('preset')))} ` +
      `${style('dim', '─')} ${row.inside.padEnd(width('inside'))} ${style('dim', '─')} ${row.nodes}`,
  )
}

function isCarrier(plan: Plan, router: RouterPlan): boolean {
  return plan.routers.some(({ wan }) => wan.network === router.lan.network)
}

/** What it runs where that is not kadlab, and through whom it joins. */
function remarks(node: NodePlan, variant: VariantPlan): string {
  const doors = variant.nodes
    .filter(({ peerId }) => node.env['BOOTSTRAP']?.includes(peerId) === true)
    .map(({ name }) => name)
  const program = node.program === 'kadlab' ? '' : ` (${node.program})`
  return `${program}${doors.length === 0 ? '' : ` joins ${listText(doors)}`}`
}

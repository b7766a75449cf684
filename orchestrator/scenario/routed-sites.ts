import { NAT_PRESETS } from '#orchestrator/net/nat-presets.ts'
import { portText } from '../words/open-port.ts'
import type { RoutedSite } from '../words/scene.ts'
import { presetOf } from './effective.ts'
import type { NatSpecWords, Scenario, SiteSpec } from './schema.ts'

/** The sites of a scenario that have a router, as they are before its first step. */
export function routedSitesOf({ sites, nodes }: Scenario): Map<string, RoutedSite> {
  const found = Object.entries(sites).flatMap(([name, site]): [string, RoutedSite][] => {
    const [router] = NAT_PRESETS[presetOf(site.nat)].routers
    if (router === undefined) return []
    const inside = Object.entries(nodes).filter(([, node]) => node.site === name)
    const isPaired = router.oneToOne
    return [[name, { nodes: inside.map(([node]) => node), isPaired, open: openPorts(site) }]]
  })
  return new Map(found)
}

/** Null where the ports that nodes listen on are forwarded. */
function openPorts({ nat }: SiteSpec): Set<string> | null {
  const preset = presetOf(nat)
  const { allow, forwards }: Partial<Exclude<NatSpecWords, string>> =
    typeof nat === 'string' ? {} : nat
  const [router] = NAT_PRESETS[preset].routers
  if (router?.oneToOne === true) return new Set((allow ?? router.allow).map(portText))
  if (forwards === undefined && preset === 'port-forward') return null
  return new Set((forwards ?? []).map(({ port }) => portText(port)))
}

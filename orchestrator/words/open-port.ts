import type { PortRule } from '#orchestrator/net/nat.ts'
import { thereAre } from './nearest.ts'
import type { RoutedSite, Scene } from './scene.ts'

/** `tcp/3000`, as a scenario writes it. */
export function portText({ protocol, port }: PortRule): string {
  return `${protocol}/${port}`
}

export function isSamePort(one: PortRule, other: PortRule): boolean {
  return one.protocol === other.protocol && one.port === other.port
}

/** The site whose router a step changes, in the scene; a fault at `key` where there is none of this name with a router. */
export function routedSite(scene: Scene, site: string, key = 'of'): RoutedSite | null {
  const found = scene.routedSites.get(site)
  if (found !== undefined) return found
  const known = thereAre([...scene.routedSites.keys()], site)
  scene.fault(key, `no site with a router is called '${site}'; ${known}`)
  return null
}

/** The router whose inside a site's nodes are at: the first from inside to outside. */
export function routerOf(
  site: string,
  routers: readonly { name: string; site: string }[],
): { router: string }[] {
  return routers
    .filter((router) => router.site === site)
    .slice(0, 1)
    .map(({ name }) => ({ router: name }))
}

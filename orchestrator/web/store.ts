import { batch, computed, signal } from '@preact/signals'
import { History } from '#orchestrator/picture/history.ts'
import { LogBook } from '#orchestrator/picture/log-lines.ts'
import { PacketBook, type PacketLine } from '#orchestrator/picture/packets.ts'
import type { RunPicture, VariantPicture } from '#orchestrator/picture/picture.ts'
import type { RunEvent } from '#orchestrator/run/events.ts'
import { HOME, parseRoute, type Route, routeHash } from './route.ts'

/** Every event that the page knows. */
export const history = new History()

/** How many they are: what follows from them is computed again when it changes. */
export const count = signal(0)

/** Every line of a log that the page knows. */
export const logs = new LogBook()

/** How many they are. */
export const logCount = signal(0)

/** Every packet that the page knows. */
export const packets = new PacketBook()

/** How many they are. */
export const packetCount = signal(0)

/** Where events come from, and how that goes. */
export const source = signal<'report' | 'live' | 'cluster' | 'lost'>('report')

/** Events that were left out of the page, because a page cannot hold so many. */
export const omitted = signal(0)

export const route = signal<Route>(HOME)

/** The run at the moment that is looked at. */
export const picture = computed<RunPicture>(() => {
  const all = count.value
  return history.after(route.value.at ?? all)
})

/** The variant that is looked at; null before any began. */
export const variant = computed<VariantPicture | null>(() => {
  const { variants } = picture.value
  const wanted = route.value.variant
  return variants.find(({ name }) => name === wanted) ?? (wanted === null ? preferred() : null)
})

/** The first that does not hold, for whoever opens a red report; else the first, or while it runs the newest. */
function preferred(): VariantPicture | null {
  const { variants, state } = picture.value
  if (state === 'running') return variants.at(-1) ?? null
  return variants.find(({ holds }) => holds !== true) ?? variants[0] ?? null
}

/** Takes lines of a page in; `count`, `logCount` and `packetCount` follow at once. */
export function take(lines: readonly (RunEvent | PacketLine)[]): void {
  let [logged, crossed] = [logCount.value, packetCount.value]
  for (const line of lines) {
    // What was logged and what crossed is no part of the picture, and does not count as a moment.
    if (line.type === 'packet') {
      packets.push(line, history.events.length)
      crossed += 1
      continue
    }
    if (line.type === 'variant-start') packets.startVariant(line.variant)
    logs.push(line, history.events.length)
    if (line.type === 'node-log') logged += 1
    else history.push(line)
  }
  batch(() => {
    count.value = history.events.length
    logCount.value = logged
    packetCount.value = crossed
  })
}

/** Follows the address of the page. */
export function followAddress(): void {
  route.value = parseRoute(location.hash)
  addEventListener('hashchange', () => (route.value = parseRoute(location.hash)))
  document.addEventListener('click', stayAtMoment)
}

/**
 * The address of a place beside this one: what is not named stays, but for the moment. Links do not name it, or all of
 * them would change with every moment; who follows one stays at the moment all the same.
 */
export function linkTo(change: Partial<Route>): string {
  const { node, target } = route.value
  const here = { variant: variant.value?.name ?? route.value.variant, node, target, at: null }
  return routeHash({ ...here, ...change })
}

function stayAtMoment(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest('a[href^="#"]') : null
  const { at } = route.value
  if (link === null || at === null) return
  const there = parseRoute(link.getAttribute('href') ?? '')
  if (there.at !== null || event.ctrlKey || event.metaKey || event.shiftKey) return
  event.preventDefault()
  location.hash = routeHash({ ...there, at })
}

/** Looks at another moment, without a new entry in the browser's history. */
export function moveTo(at: number | null): void {
  const here = { ...route.value, variant: variant.value?.name ?? route.value.variant, at }
  window.history.replaceState(null, '', routeHash(here))
  route.value = here
}

/** What a peer is called in a variant: its node's name, else the end of its id. */
export function nameOfPeer({ nodes }: VariantPicture): (peerId: string) => string {
  const names = new Map(nodes.map(({ plan }) => [plan.peerId, plan.name]))
  return (peerId) => names.get(peerId) ?? `…${peerId.slice(-8)}`
}

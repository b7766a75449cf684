import { withoutPeerId } from '#node/judgement/multiaddr-facts.ts'
import { defineExpectation } from '../expectation.ts'
import { checkView, DIALABILITY_EVENTS, excludesView, mustNotBePaused } from '../sighting.ts'
import { name } from '../values.ts'

export const unreachable = defineExpectation({
  word: 'unreachable',
  doc: 'The observer reaches the node on a fresh connection to none of the addresses that the node announces, listed or not.',
  fields: { observer: name, unreachable: name },
  plan: ({ observer, unreachable }) => ({ observer, target: unreachable }),
  text: ({ observer, target }) => `${observer} cannot reach ${target}`,
  expected: () => 'no address reached',
  isState: true,
  isNegative: true,
  wakes: DIALABILITY_EVENTS,
  check(view, scene) {
    checkView('unreachable', view, scene, 'running')
    mustNotBePaused('unreachable', view.target, scene, 'cannot be asked')
  },
  excludes: (view, other) => excludesView(view, other, ({ word }) => word === 'dialable'),
  async look({ observer, target }, nodes, options) {
    const { announced } = await nodes.api(target).status(options)
    // Whoever else answers there is not the target.
    const peer = `/p2p/${nodes.peerId(target)}`
    const dials = await Promise.all(
      announced.map((address) =>
        nodes.api(observer).dial(`${withoutPeerId(address)}${peer}`, options),
      ),
    )
    if (dials.length === 0) return { holds: false, seen: `${target} announces no address to try` }
    const reached = dials.filter(({ ok }) => ok).map(({ address }) => withoutPeerId(address))
    if (reached.length > 0) return { holds: false, seen: `reached at ${reached.join(', ')}` }
    // A dial that the observer's own rules forbid was not tried, and what was not tried did not fail.
    const untold = dials.find(({ kind }) => kind === null || kind === 'other')
    if (untold !== undefined) return { holds: false, seen: untold.error ?? 'no dial was tried' }
    const kinds = new Set(dials.map(({ kind }) => kind))
    return { holds: true, seen: `no address reached: ${[...kinds].join(', ')}` }
  },
})

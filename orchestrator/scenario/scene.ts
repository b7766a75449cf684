import { ITEM_LIMITS, type ItemLimits, LARGEST_ITEM } from '#node/config/item-limits.ts'
import type { Fault } from '../words/fault.ts'
import { thereAre } from '../words/nearest.ts'
import type { RoutedSite, Scene } from '../words/scene.ts'
import type { EffectiveVariant } from './effective.ts'
import { groupsOf } from './groups.ts'
import { createStoredKeys } from './stored-keys.ts'

/** How large keys and values a node of this environment takes; what is wrong in it is reported elsewhere. */
function takenBy(env: Readonly<Record<string, string>> = {}): ItemLimits {
  const read = (name: string, usual: number, most: number): number => {
    const bytes = Number(env[name])
    return Number.isInteger(bytes) && bytes >= 1 && bytes <= most ? bytes : usual
  }
  return {
    keyBytes: read('MAX_KEY_BYTES', ITEM_LIMITS.keyBytes, LARGEST_ITEM.keyBytes),
    valueBytes: read('MAX_VALUE_BYTES', ITEM_LIMITS.valueBytes, LARGEST_ITEM.valueBytes),
  }
}

/** A variant before its first step, at the top of its steps in the file. */
export function createScene(
  variant: EffectiveVariant,
  routedSites: ReadonlyMap<string, RoutedSite>,
  onFault: (fault: Fault) => void,
): Scene {
  const entries = Object.entries(variant.scenario.nodes)
  const nodes = entries.map(([name]) => name)
  const running = new Set(
    entries.filter(([, { autostart }]) => autostart !== false).map(([name]) => name),
  )
  const shared = {
    variant: variant.name,
    nodes,
    groups: [...groupsOf(variant.scenario).keys()],
    sites: Object.keys(variant.scenario.sites),
    routedSites,
    running,
    paused: new Set<string>(),
    blocked: new Set<string>(),
    cut: new Set<string>(),
    hasRun: new Set(running),
    stored: createStoredKeys(entries.some(([, { env }]) => env?.['DATA_DIR'] !== undefined)),
  }

  function sceneAt(place: Fault['path']): Scene {
    const scene: Scene = {
      ...shared,
      at: (...path) => sceneAt([...place, ...path]),
      fault: (key, message) => onFault({ path: [...place, key], message }),
      isNode(key, node) {
        if (nodes.includes(node)) return true
        const known = scene.groups.includes(node)
          ? `${node} is a group: { every: ${node} } is all of it`
          : thereAre(nodes, node)
        scene.fault(key, `no node is called '${node}'; ${known}`)
        return false
      },
      mustRun(key, node) {
        if (!scene.isNode(key, node)) return
        const place = `at this step of variant ${variant.name}`
        if (!running.has(node)) scene.fault(key, `${node} does not run ${place}`)
        else if (scene.paused.has(node))
          scene.fault(key, `${node} is paused ${place}: resume it before`)
      },
      mustFit(at, node, key, value) {
        const { keyBytes, valueBytes } = takenBy(variant.scenario.nodes[node]?.env)
        const seen = { key: Buffer.byteLength(key), value: Buffer.byteLength(value ?? '') }
        if (seen.key > keyBytes) {
          const allowed = `a key of at most ${keyBytes} bytes of UTF-8`
          scene.fault(at, `expected ${allowed} (MAX_KEY_BYTES of ${node}), saw ${seen.key}`)
        }
        if (seen.value > valueBytes) {
          const allowed = `a value of at most ${valueBytes} bytes of UTF-8`
          scene.fault(
            'value',
            `expected ${allowed} (MAX_VALUE_BYTES of ${node}), saw ${seen.value}`,
          )
        }
      },
    }
    return scene
  }

  return sceneAt(variant.stepsPath)
}

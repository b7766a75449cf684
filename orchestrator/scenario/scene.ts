import type { Fault } from '../words/fault.ts'
import { didYouMean } from '../words/nearest.ts'
import type { Scene } from '../words/scene.ts'
import type { EffectiveVariant } from './effective.ts'
import { createStoredKeys } from './stored-keys.ts'

/** A variant before its first step, at the top of its steps in the file. */
export function createScene(
  variant: EffectiveVariant,
  routedSites: readonly string[],
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
    routedSites,
    running,
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
        const known = `there are ${nodes.join(', ')}${didYouMean(node, nodes)}`
        scene.fault(key, `no node is called '${node}'; ${known}`)
        return false
      },
      mustRun(key, node) {
        if (!scene.isNode(key, node) || running.has(node)) return
        scene.fault(key, `${node} does not run at this step of variant ${variant.name}`)
      },
    }
    return scene
  }

  return sceneAt(variant.stepsPath)
}

import { CAUSES, type Remedy, type RemedyAction } from '#node/judgement/causes.ts'
import { peerIdOf } from '#node/judgement/multiaddr-facts.ts'
import type { Cell } from '#node/view/cell.ts'
import { nodeFacts } from '../truth/node-facts.ts'
import type { Patient } from './apply.ts'
import { isPair } from './pairs.ts'
import { prescribe, type Prescription } from './prescribe.ts'
import { actionsText } from './remedy-text.ts'

/** Whether a pair is not as it should be. */
export function isRed({ cause }: Pick<Cell, 'cause'>): boolean {
  return cause !== null
}

/**
 * Cells with remedies that know the whole lab: as data, with every setting and every router that stands between the two,
 * or why nothing cures. Where nothing of it is wrong by the plan, a node's own advice stays.
 *
 * @param stopped nodes that do not run when the cells are taken: nothing else cures one of them than to start it
 */
export function withLabRemedies(
  patient: Patient,
  cells: readonly Cell[],
  stopped: ReadonlySet<string> = new Set(),
): Cell[] {
  const prescriptions = prescribe(patient, cells.filter(isRed))
  const places = placesOf(patient)
  return cells.map((cell) => {
    const { cause, target } = cell
    if (stopped.has(target) && cause !== null && cause !== 'CANNOT_START') {
      return { ...cell, remedy: startOf(target) }
    }
    const found = prescriptions.find((each) => isPair(each, cell))
    if (found === undefined) return cell
    return { ...cell, remedy: remedyOf(cell, found, patient, places) }
  })
}

/** A node's own settings, as far as it matters to whom it joins through. */
interface Place {
  peerId: string
  bootstrap: readonly string[]
}

function placesOf({ nodes }: Patient): ReadonlyMap<string, Place> {
  return new Map(
    nodes.map((node) => {
      const { peerId, bootstrap } = nodeFacts(node)
      return [node.name, { peerId, bootstrap }]
    }),
  )
}

function startOf(node: string): Remedy {
  const actions: RemedyAction[] = [{ on: node, start: true }]
  return { on: 'target', text: `${actionsText(actions)}: it does not run.`, actions }
}

function remedyOf(
  cell: Cell,
  { actions, none }: Prescription,
  patient: Patient,
  places: ReadonlyMap<string, Place>,
): Remedy | null {
  const { remedy, cause, target } = cell
  if (cause === null) return remedy
  const { meaning } = CAUSES[cause]
  // Whoever filled the network knows it by name.
  if (none !== null && cause === 'IP_GROUP_FULL' && remedy !== null) return { ...remedy, none }
  if (none !== null) return { on: 'network', text: `Nothing cures it: ${none}.`, none }
  if (actions.length === 0) return isNamedBy(cell, places) ? neverCame(cell) : remedy
  const data = structuredClone(actions) as RemedyAction[]
  if (remedy !== null && (isSame(remedy, actions) || isForeign(patient, target))) {
    return { ...remedy, actions: data }
  }
  return { on: sideOf(cell, actions), text: `${actionsText(actions)}: ${meaning}.`, actions: data }
}

/** Whether the target joins through the very observer that has no connection to it and never tried one. */
function isNamedBy({ cause, observer, target }: Cell, places: ReadonlyMap<string, Place>): boolean {
  if (cause !== 'NEVER_DIALLED' && cause !== 'NOT_TOLD') return false
  const peerId = places.get(observer)?.peerId
  const joins = places.get(target)?.bootstrap ?? []
  return peerId !== undefined && joins.some((address) => peerIdOf(address) === peerId)
}

function neverCame({ observer, target }: Cell): Remedy {
  const text = `See the log of ${target}, or its router: it joins through ${observer}, and never reached it.`
  return { on: 'target', text }
}

/** What a node alone advises is often all: then it says it best. */
function isSame({ set }: Remedy, actions: readonly RemedyAction[]): boolean {
  const [action, ...more] = actions
  if (set === undefined || action === undefined || more.length > 0 || !('set' in action))
    return false
  const settings = Object.entries(action.set).map(([variable, value]) => `${variable}=${value}`)
  return settings.length === 1 && settings[0] === set
}

/** Other implementations are told in their own words what to do; the data is what their adapter reads. */
function isForeign({ nodes }: Patient, name: string): boolean {
  return nodes.find((node) => node.name === name)?.program !== 'kadlab'
}

function sideOf({ observer, target }: Cell, actions: readonly RemedyAction[]): Remedy['on'] {
  const places = new Set(actions.map((action) => ('router' in action ? 'network' : action.on)))
  const [place] = places
  if (places.size > 1) return 'both'
  if (place === 'network') return 'network'
  return place === target ? 'target' : place === observer ? 'observer' : 'both'
}

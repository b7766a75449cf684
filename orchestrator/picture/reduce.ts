import type { RunEvent } from '#orchestrator/run/events.ts'
import {
  EMPTY_PICTURE,
  pairKey,
  plannedNode,
  type RunPicture,
  type StepPicture,
  type VariantPicture,
} from './picture.ts'
import { afterNodeEvent, withNodeState } from './reduce-node.ts'

/**
 * The picture after one more event: a pure function, so that the same events make the same picture wherever they are read.
 * What an event says of a variant or node that no plan named changes nothing.
 */
export function reduce(picture: RunPicture, event: RunEvent): RunPicture {
  const next = after(picture, event)
  return next.atMs === event.atMs ? next : { ...next, atMs: event.atMs }
}

/** The picture of all events. */
export function pictureOf(events: readonly RunEvent[]): RunPicture {
  return events.reduce(reduce, EMPTY_PICTURE)
}

function after(picture: RunPicture, event: RunEvent): RunPicture {
  switch (event.type) {
    case 'run-start':
      return { ...EMPTY_PICTURE, start: event, state: 'running' }
    case 'plan':
      return { ...picture, plan: event.plan, progress: null }
    case 'network-up':
      return { ...picture, progress: null }
    case 'progress':
      return { ...picture, progress: event.text }
    case 'nat-proof':
      return { ...picture, proofs: [...picture.proofs, event.proof] }
    case 'variant-start':
      return startVariant(picture, event)
    case 'step': {
      const step: StepPicture = { step: event.step, atMs: event.atMs, results: [] }
      return inVariant(picture, event.variant, (variant) => ({
        ...variant,
        steps: [...variant.steps, step],
      }))
    }
    case 'expectation':
      return inVariant(picture, event.variant, (variant) => {
        const step = variant.steps.at(-1)
        if (step === undefined) return variant
        const results = [...step.results, event.result]
        return {
          ...variant,
          steps: variant.steps.with(variant.steps.length - 1, { ...step, results }),
        }
      })
    case 'tables':
      return inVariant(picture, event.variant, (variant) => ({
        ...variant,
        tables: { recall: event.recall, dead: event.dead },
      }))
    case 'cells':
      return inVariant(picture, event.variant, (variant) => ({
        ...variant,
        decided: true,
        cells: Object.fromEntries(
          event.cells.map((cell) => [pairKey(cell.observer, cell.target), cell]),
        ),
      }))
    case 'variant-end':
      return inVariant(picture, event.variant, (variant) => ({
        ...variant,
        holds: event.holds,
        timings: event.timings,
        endedAtMs: event.atMs,
      }))
    case 'node-event':
      return ofNode(picture, event, (variant) => afterNodeEvent(variant, event.node, event.event))
    case 'node-exit':
      return ofNode(picture, event, (variant) => withNodeState(variant, event.node, 'ended'))
    case 'run-end':
      return { ...picture, state: event.holds ? 'held' : 'fallen', progress: null }
    case 'run-failed':
      return { ...picture, state: 'failed', failure: event.error, progress: null }
    case 'kept':
      return { ...picture, kept: event.text }
    case 'node-up':
    case 'cure-round':
    case 'cured':
    case 'cure-end':
    case 'router-state':
    case 'router-exit':
    case 'engine-lost':
    case 'node-log':
      return picture
  }
}

function startVariant(
  picture: RunPicture,
  { variant: name, title, atMs }: Extract<RunEvent, { type: 'variant-start' }>,
): RunPicture {
  const { plan } = picture
  const variant = plan?.variants.find((each) => each.name === name)
  if (plan === null || variant === undefined) return picture
  const started: VariantPicture = {
    name,
    title,
    plan,
    variant,
    nodes: variant.nodes.map(plannedNode),
    steps: [],
    cells: {},
    decided: false,
    tables: null,
    holds: null,
    startedAtMs: atMs,
    endedAtMs: null,
    timings: null,
  }
  return { ...picture, variants: [...picture.variants, started], progress: null }
}

/**
 * What a node says once its variant is decided is of its end, and changes nothing. After the end of a variant only the nodes
 * of a lab that stays up go on talking: those of the last one.
 */
function ofNode(
  picture: RunPicture,
  { variant: name }: { variant: string | null },
  change: (variant: VariantPicture) => VariantPicture,
): RunPicture {
  const last = picture.variants.at(-1)
  if (name === null) return inVariant(picture, last?.name ?? null, change)
  return inVariant(picture, name, (variant) => (variant.decided ? variant : change(variant)))
}

function inVariant(
  picture: RunPicture,
  name: string | null,
  change: (variant: VariantPicture) => VariantPicture,
): RunPicture {
  const at = picture.variants.findIndex((variant) => variant.name === name)
  const variant = picture.variants[at]
  if (variant === undefined) return picture
  const changed = change(variant)
  if (changed === variant) return picture
  return { ...picture, variants: picture.variants.with(at, changed) }
}

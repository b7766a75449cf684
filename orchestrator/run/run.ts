import type { NodeEvent } from '#node/events/node-event.ts'
import type { Clock } from '#node/time/clock.ts'
import { eitherSignal } from '#node/time/deadline.ts'
import { watchLateness } from '#node/time/lateness.ts'
import type { Cell } from '#node/view/cell.ts'
import { isRed } from '#orchestrator/cure/lab-remedy.ts'
import { EngineLostError, RouterDiedError } from '#orchestrator/fabric/errors.ts'
import type { Fabric, FabricEvent, Lab } from '#orchestrator/fabric/fabric.ts'
import type { Plan } from '#orchestrator/plan/plan-type.ts'
import type { NatProof } from '#orchestrator/proof/nat-proof.ts'
import type { RunEvent, RunEventBody } from '#orchestrator/run/events.ts'
import { NOTHING_AHEAD, startAhead } from './ahead.ts'
import { cureVariant, type EndedVariant } from './cure.ts'
import { runVariant } from './run-variant.ts'

export interface RunComponents {
  fabric: Fabric
  clock: Clock
  /** Measures every router of a lab before any node starts; throws where one is not what its preset says. */
  proveRouters: (
    lab: Lab,
    plan: Plan,
    options: { signal: AbortSignal; onProof: (proof: NatProof) => void },
  ) => Promise<unknown>
}

export interface RunOptions {
  scenario: string
  title: string
  /** More of what the scenario shows. */
  about?: string | undefined
  /** The scenario that it is a change of. */
  extends?: string | undefined
  seed: number
  /** Whose time `clock` tells. Default: real. */
  time?: 'real' | 'simulated'
  /** What the fabric says of itself, and why it was chosen. */
  fabricDetail: string
  versions: Record<string, string>
  /** At least one. */
  plans: readonly Plan[]
  /** The same variants in the same order, away from these CIDRs: where another run took a planned network first. */
  replan: (taken: readonly string[]) => Plan[]
  /** Leave the last lab up. */
  keep: boolean
  /** Apply the remedies of each variant's red cells and run it again, after all variants. Default false. */
  cure?: boolean
  signal: AbortSignal
  onEvent: (event: RunEvent) => void
  /** Told of every packet, where the fabric sees them. Default: nobody is. */
  onPacket?: (packet: RunPacket) => void
}

/** A packet that was put on a network. */
export interface RunPacket {
  plan: Plan
  network: string
  /** IPv4, from its header on. */
  bytes: Uint8Array
  /** Since the run began, in the run's own time; not rounded. */
  atMs: number
}

export interface RunOutcome {
  /** Whether every expectation of every variant held. */
  holds: boolean
  /** The lab that was kept, to be stopped later or never; null where none was asked for. */
  kept: Lab | null
}

interface StartedLab {
  lab: Lab
  plan: Plan
  networkMs: number
}

/** How often a plan is made anew because another run took its subnets in the meantime. */
const MAX_REPLANS = 8

/**
 * Runs every plan of a scenario, one after the other, and reports everything as events.
 *
 * @throws FabricError (SubnetTakenError only after several plans), NatProofError, or the signal's reason; whatever is
 * thrown, no lab is left up
 */
export async function runScenario(
  components: RunComponents,
  options: RunOptions,
): Promise<RunOutcome> {
  const { fabric, clock } = components
  const { keep } = options
  // A router that ends ends the run: what is seen from then on is not of the plan.
  const broken = new AbortController()
  const signal = eitherSignal(options.signal, broken.signal)
  const startedAt = clock.now()
  const listeners = new Set<(node: string, event: NodeEvent) => void>()
  let variant: string | null = null
  let { plans } = options

  function emit(body: RunEventBody): void {
    if (body.type === 'variant-start') variant = body.variant
    options.onEvent({ ...body, atMs: Math.round(clock.now() - startedAt) })
    if (body.type === 'variant-end') variant = null
    if (body.type === 'router-exit') {
      broken.abort(new RouterDiedError(body.router, body.exitCode, body.lastLines))
    }
    if (body.type === 'engine-lost') broken.abort(new EngineLostError(body.engine, body.error))
    if (body.type !== 'node-event') return
    for (const listener of listeners) listener(body.node, body.event)
  }

  function subscribe(listener: (node: string, event: NodeEvent) => void): () => void {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  const keepsTime = options.time === 'simulated' ? undefined : watchLateness
  /** What every variant runs with. */
  const shared = { clock, watchLateness: keepsTime, emit, subscribe }

  emit({
    type: 'run-start',
    scenario: options.scenario,
    title: options.title,
    ...(options.about !== undefined && { about: options.about }),
    ...(options.extends !== undefined && { extends: options.extends }),
    fabric: fabric.name,
    fabricDetail: options.fabricDetail,
    seed: options.seed,
    time: options.time ?? 'real',
    startedAt: new Date(startedAt).toISOString(),
    versions: options.versions,
  })

  function onFabricEvent(event: FabricEvent): void {
    emit({ ...event, variant })
  }

  async function startPlan(plan: Plan): Promise<StartedLab> {
    const begun = clock.now()
    const { onPacket: say } = options
    const lab = await fabric.start(plan, {
      signal,
      onEvent: onFabricEvent,
      keep,
      ...(say !== undefined && {
        onPacket: (network: string, bytes: Uint8Array) =>
          say({ plan, network, bytes, atMs: clock.now() - startedAt }),
      }),
    })
    return { lab, plan, networkMs: Math.round(clock.now() - begun) }
  }

  async function startLab(index: number): Promise<StartedLab> {
    for (let attempt = 1; ; attempt++) {
      const plan = plans[index]
      if (plan === undefined) throw new RangeError(`there is no plan ${index}`)
      try {
        return await startPlan(plan)
      } catch (error) {
        const raced = error instanceof Error && error.name === 'SubnetTakenError'
        if (!raced || attempt === MAX_REPLANS) throw error
        plans = options.replan(await fabric.takenSubnets({ signal }))
      }
    }
  }

  /** A round of a cure: one more lab, for one variant. */
  async function runRound(plan: Plan): Promise<readonly Cell[]> {
    const { lab, networkMs } = await startPlan(plan)
    await using cleanUp = new AsyncDisposableStack()
    cleanUp.use(lab)
    emit({ type: 'plan', plan })
    emit({ type: 'network-up', durationMs: networkMs })
    await proveAll(components, lab, plan, { signal, emit })
    const [round] = plan.variants
    if (round === undefined) return []
    return (await runVariant(round, { lab, plan, ...shared }, { signal, networkMs, keep: false }))
      .cells
  }

  const count = plans.length
  const ended: EndedVariant[] = []
  let holds = true
  let kept: Lab | null = null
  for (let index = 0; index < count; index++) {
    const last = index === count - 1
    const { lab, plan, networkMs } = await startLab(index)
    await using cleanUp = new AsyncDisposableStack()
    cleanUp.use(lab)
    emit({ type: 'plan', plan })
    emit({ type: 'network-up', durationMs: networkMs })
    const [first] = plan.variants
    let ahead = first === undefined ? NOTHING_AHEAD : startAhead(lab, first, { signal })
    await proveAll(components, lab, plan, { signal, emit })
    let planHolds = true
    for (const [at, variantPlan] of plan.variants.entries()) {
      // Mappings of the variant before would let in what this one's routers should not.
      if (at > 0) await lab.flushNat(null, { signal })
      const keepNodes = keep && last && at === plan.variants.length - 1
      const outcome = await runVariant(
        variantPlan,
        { lab, plan, ...shared },
        {
          signal,
          networkMs,
          keep: keepNodes,
          ahead,
          onStarted() {
            const next = plan.variants[at + 1]
            ahead = next === undefined ? NOTHING_AHEAD : startAhead(lab, next, { signal })
          },
        },
      )
      ended.push({ plan, variant: variantPlan, cells: outcome.cells })
      planHolds &&= outcome.holds
    }
    if (!planHolds) await reportRouterStates(lab, plan, { signal, emit })
    holds &&= planHolds
    if (keep && last) {
      emit({ type: 'kept', text: await lab.keep({ signal }) })
      kept = lab
    }
  }
  for (const each of options.cure === true ? ended : []) {
    if (!each.cells.some(isRed)) continue
    const alone = ended.length === 1
    await cureVariant(each, {
      runPlan: runRound,
      emit,
      nameOf: (name, round) => `${alone ? '' : `${name}-`}cured-${round}`,
    })
  }
  emit({ type: 'run-end', holds, durationMs: Math.round(clock.now() - startedAt) })
  return { holds, kept }
}

async function proveAll(
  { proveRouters }: RunComponents,
  lab: Lab,
  plan: Plan,
  { signal, emit }: { signal: AbortSignal; emit: (event: RunEventBody) => void },
): Promise<void> {
  if (plan.routers.length === 0) return
  // Where one is wrong the run fails without a report: what the proof measured is all that is said of it.
  await proveRouters(lab, plan, {
    signal,
    onProof: (proof) => emit({ type: 'nat-proof', proof }),
  })
}

async function reportRouterStates(
  lab: Lab,
  plan: Plan,
  { signal, emit }: { signal: AbortSignal; emit: (event: RunEventBody) => void },
): Promise<void> {
  await Promise.all(
    plan.routers.map(async ({ name }) => {
      emit({ type: 'router-state', router: name, files: await lab.routerState(name, { signal }) })
    }),
  )
}

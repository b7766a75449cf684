import { describeError } from '#node/base/errors.ts'
import type { Clock } from '#node/time/clock.ts'
import { within } from '#node/time/deadline.ts'
import { delay } from '#node/time/delay.ts'
import type { Lab } from '#orchestrator/fabric/fabric.ts'
import type { RouterPlan } from '#orchestrator/plan/plan-type.ts'
import type { ExpectationResult } from '#orchestrator/run/events.ts'
import type { PlannedStep } from '../words/step.ts'
import { stepWord } from '../words/steps/steps.ts'
import type { Blocks } from './blocks.ts'
import type { Crew } from './crew.ts'
import type { Doubts } from './doubts.ts'
import { awaitExpectations } from './expectations.ts'
import type { ChangingGround } from './ground.ts'
import { MachineTooSlowError, type Starvation } from './starvation.ts'
import type { Watch } from './watch.ts'

export interface StepComponents {
  lab: Lab
  crew: Crew
  watch: Watch
  blocks: Blocks
  doubts: Doubts
  ground: ChangingGround
  clock: Clock
  starvation: Starvation
  /** When the variant began, by the clock. */
  beganAt: number
}

/** The step as a sentence. */
export function stepText(step: PlannedStep): string {
  return stepWord(step).text(step)
}

/**
 * Does one step. A put or provide that fails is a result that does not hold; a node that does not start or stop is the
 * fabric's failure and throws.
 */
export function runStep(
  step: PlannedStep,
  { lab, crew, watch, blocks, doubts, ground, clock, starvation, beganAt }: StepComponents,
  options: { signal: AbortSignal; onResult: (result: ExpectationResult) => void },
): Promise<boolean> {
  const { signal, onResult } = options
  const changeRouter = async (
    name: string,
    change: (router: RouterPlan) => RouterPlan,
  ): Promise<void> => {
    const router = change(ground.router(name))
    await lab.changeRouter(router, { signal })
    ground.changeRouter(router)
    doubts.about(nodesBehind(name))
  }
  const nodesBehind = (router: string): string[] => ground.nodesOf(ground.router(router).site)
  const applied = (): Promise<void> => lab.block(blocks.all, { signal })
  return stepWord(step).run(step, {
    api: (node) => crew.api(node),
    peerId: (node) => crew.peerId(node),
    nameOf: (peerId) => crew.nameOf(peerId),
    async start(node) {
      await crew.start(node, { signal })
    },
    stop: (node) => crew.stop(node, { signal }),
    kill: (node) => crew.kill(node, { signal }),
    pause: (node) => crew.pause(node, { signal }),
    resume: (node) => crew.resume(node, { signal }),
    async flushNat(router) {
      await lab.flushNat(router, { signal })
      doubts.about(nodesBehind(router))
    },
    changeNat: (name, change) =>
      changeRouter(name, (router) => ({ ...router, nat: change(router.nat) })),
    readdress: (name, address) => changeRouter(name, (router) => readdressed(router, address)),
    async renewIdentity(node) {
      await crew.stop(node, { signal })
      ground.renewIdentity(node)
      await crew.start(node, { signal })
    },
    async block(added) {
      blocks.add(added)
      await applied()
      for (const { from, to } of added) doubts.between(from, to)
    },
    async unblock(pair) {
      blocks.remove(pair)
      await applied()
      doubts.between(...pair)
    },
    async link(isOn, inside) {
      if (isOn) blocks.plugIn(inside)
      else blocks.cut(inside)
      await applied()
      doubts.about(inside)
    },
    async shape(site, link) {
      // A site's network has its name.
      await lab.shape(site, link, { signal })
      ground.shape(site, link)
      doubts.about(ground.nodesOf(site))
    },
    async heal() {
      for (const { from, to } of blocks.all) doubts.between(from, to)
      blocks.clear()
      await applied()
    },
    wait: (durationMs) => delay(clock, durationMs, { signal }),
    expect: (expectations) =>
      awaitExpectations(
        expectations,
        { nodes: crew, watch, clock, starvation, beganAt },
        { signal, onResult },
      ),
    async attempt(withinMs, act) {
      const startedAt = clock.now()
      const outcome = await tryWithin(withinMs, clock, act, { signal })
      const afterMs = Math.round(clock.now() - startedAt)
      const { word, node = null, key = null } = step
      const slow = outcome.holds ? null : starvation.tooSlow(startedAt, node === null ? [] : [node])
      if (slow !== null) {
        throw new MachineTooSlowError([`${stepText(step)} (saw ${outcome.seen}; ${slow})`])
      }
      const subject = { word, observer: node, target: null, key, cause: null }
      onResult({ ...subject, text: stepText(step), expected: 'done', ...outcome, afterMs })
      return outcome.holds
    },
  })
}

async function tryWithin(
  withinMs: number,
  clock: Clock,
  act: (signal: AbortSignal) => Promise<string>,
  { signal }: { signal: AbortSignal },
): Promise<{ holds: boolean; seen: string }> {
  try {
    return { holds: true, seen: await within(clock, withinMs, signal, act) }
  } catch (error) {
    signal.throwIfAborted()
    return { holds: false, seen: describeError(error) }
  }
}

/** A site whose nodes have public addresses of their own is readdressed only where there is one of them. */
function readdressed(router: RouterPlan, address: string): RouterPlan {
  const [pair] = router.nat.oneToOne
  const oneToOne = pair === undefined ? [] : [{ ...pair, public: address }]
  const wan = { ...router.wan, address, furtherAddresses: [] }
  return { ...router, wan, nat: { ...router.nat, oneToOne } }
}

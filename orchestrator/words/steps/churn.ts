import { z } from 'zod'
import { type ChurnMoment, churnSchedule } from '../churn-schedule.ts'
import { nameOrEach } from '../group.ts'
import { defineStep, type StepLab } from '../step.ts'
import { durationInWords, key, patience, value, wholeShare } from '../values.ts'

/** A node that starts or stops holds the schedule up by as long. */
const SLACK_MS = 600_000

export const churn = defineStep({
  word: 'churn',
  doc: 'Nodes leave, by a goodbye or without one, and come back, at most half of them at a time; meanwhile one of those present reads a key every 10 s.',
  fields: {
    churn: z
      .array(nameOrEach)
      .min(1, 'at least one node or group')
      .describe('Who comes and goes: nodes or groups, as [{ every: homes }].'),
    for: patience.describe('How long.'),
    change: patience.describe('Between two that come or go, on average. Default 1m.').optional(),
    reads: key,
    value,
    found: wholeShare
      .describe('So many of the reads must find the value. Default 100%.')
      .optional(),
    seed: z
      .int()
      .min(0)
      .max(0xff_ff_ff_ff)
      .describe('Decides who comes and goes when. Default 1.')
      .optional(),
  },
  plan: ({ churn, for: durationMs, change = 60_000, reads, value, found = 1, seed = 1 }) => {
    // Groups are written out by then.
    const nodes = churn as string[]
    const moments = churnSchedule({ nodes, durationMs, changeMs: change, seed })
    return [{ nodes, durationMs, key: reads, value, found, moments }]
  },
  text: ({ nodes, durationMs, key }) =>
    `${nodes.length} nodes come and go for ${durationInWords(durationMs)}, and read ${key}`,
  hasResult: true,
  check({ churn, reads, value }, scene) {
    const nodes = churn as string[]
    for (const [index, node] of nodes.entries()) {
      const place = scene.at('churn')
      place.mustRun(String(index), node)
      if (nodes.indexOf(node) !== index) place.fault(index, `impossible: ${node} is there twice`)
    }
    if (nodes.length < 2) scene.fault('churn', 'impossible: expected two nodes or more, saw one')
    const missing = scene.stored.missingValue(reads, value)
    if (missing !== null) scene.fault('reads', missing)
  },
  run: ({ durationMs, key, value, found, moments }, lab) =>
    lab.attempt(durationMs + SLACK_MS, async (signal) => {
      const { reads, right, wrong } = await comeAndGo(moments, lab, { key, value, signal })
      const seen = `${right} of ${reads} reads found it${wrong === null ? '' : `; first: ${wrong}`}`
      if (right < found * reads) {
        throw new TooFewReadsError(`expected at least ${Math.round(found * 100)}%, saw ${seen}`)
      }
      return seen
    }),
})

/** A read that takes longer has found nothing. */
const READ_WITHIN_MS = 10_000

/** Of those who read while others came and went, too few found what they read. */
class TooFewReadsError extends Error {
  override readonly name = 'TooFewReadsError'
}

async function comeAndGo(
  moments: readonly ChurnMoment[],
  lab: StepLab,
  { key, value, signal }: { key: string; value: string; signal: AbortSignal },
): Promise<{ reads: number; right: number; wrong: string | null }> {
  let [nowMs, reads, right] = [0, 0, 0]
  let wrong: string | null = null
  for (const { atMs, what, node } of moments) {
    await lab.wait(atMs - nowMs)
    nowMs = atMs
    signal.throwIfAborted()
    if (what !== 'read') {
      await lab[what](node)
      continue
    }
    reads += 1
    const seen = await readAt(lab, node, key, signal)
    if (seen === value) right += 1
    else wrong ??= `${node} saw ${seen === null ? 'no record' : `'${seen}'`} after ${atMs / 1000} s`
  }
  return { reads, right, wrong }
}

/** What a node reads; null where it finds nothing, or cannot say. */
async function readAt(
  lab: StepLab,
  node: string,
  key: string,
  signal: AbortSignal,
): Promise<string | null> {
  const over = new AbortController()
  const read = lab.api(node).get(key, { signal: AbortSignal.any([signal, over.signal]) })
  try {
    const found = await Promise.race([read, lab.wait(READ_WITHIN_MS).then(() => null)])
    return found === null ? null : new TextDecoder().decode(found.value)
  } catch {
    signal.throwIfAborted()
    return null
  } finally {
    over.abort()
    await read.catch(() => {})
  }
}

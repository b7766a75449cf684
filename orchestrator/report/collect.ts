import type { VariantPlan } from '#orchestrator/plan/plan-type.ts'
import type { RunEvent } from '#orchestrator/run/events.ts'
import { stepText } from '#orchestrator/run/steps.ts'
import { wallNow } from '#orchestrator/time/wall.ts'
import { type Report, REPORT_SCHEMA, type VariantReport } from './report-schema.ts'

/** Gathers a report from a run's events. */
export interface ReportCollector {
  onEvent(event: RunEvent): void
  /** The report of a run that ended, by itself or by a failure; null before. */
  report(): Report | null
}

/** @param now - the real world's, in milliseconds since the epoch: a report says when and how long people waited */
export function createReportCollector(now: () => number = wallNow): ReportCollector {
  let startedAtMs = 0
  let report: Report | null = null
  let ended = false
  const plans = new Map<string, VariantPlan>()

  function variantOf(name: string): VariantReport {
    const found = report?.variants.find((variant) => variant.name === name)
    if (found === undefined)
      throw new RangeError(`an event of variant ${name} came before its start`)
    return found
  }

  return {
    onEvent(event) {
      switch (event.type) {
        case 'run-start':
          startedAtMs = now()
          report = startReport(event, new Date(startedAtMs).toISOString())
          break
        case 'plan':
          for (const variant of event.plan.variants) plans.set(variant.name, variant)
          break
        case 'nat-proof':
          report?.natProofs.push(event.proof)
          break
        case 'variant-start':
          report?.variants.push(startVariant(event.variant, event.title, plans.get(event.variant)))
          break
        case 'expectation': {
          const { steps, expectations } = variantOf(event.variant)
          expectations.push({ step: steps.length, ...event.result })
          break
        }
        case 'step': {
          const { word, node = null, key = null } = event.step
          const step = { word, text: stepText(event.step), node, key, atMs: event.atMs }
          variantOf(event.variant).steps.push(step)
          break
        }
        case 'tables': {
          const { recall, dead, contacts, atMs } = event
          variantOf(event.variant).tables.push({ atMs, recall, dead, contacts })
          break
        }
        case 'cells':
          variantOf(event.variant).cells = event.cells
          break
        case 'variant-end': {
          const variant = variantOf(event.variant)
          variant.holds = event.holds
          variant.timings = event.timings
          for (const node of variant.nodes) {
            const announced = event.announced[node.name] ?? null
            node.announced = announced === null ? null : bareHosts(announced)
          }
          break
        }
        case 'cure-round': {
          const { variant, name, actions } = event
          const cures = report?.cures ?? []
          let cure = cures.find((each) => each.variant === variant)
          if (cure === undefined) cures.push((cure = { variant, red: 0, rounds: [], left: [] }))
          cure.rounds.push({ name, actions, cured: [], worse: [], left: [] })
          if (report !== null) report.cures = cures
          break
        }
        case 'cured': {
          const { cured, worse, left } = event
          const rounds = report?.cures?.find(({ variant }) => variant === event.variant)?.rounds
          Object.assign(rounds?.at(-1) ?? {}, { cured, worse, left })
          break
        }
        case 'cure-end': {
          const { variant, red, left } = event
          if (report === null) break
          const cures = (report.cures ??= [])
          const cure = cures.find((each) => each.variant === variant)
          if (cure === undefined) cures.push({ variant, red, rounds: [], left })
          else Object.assign(cure, { red, left })
          break
        }
        case 'run-end':
          if (report === null) return
          ended = true
          report.holds = event.holds
          report.durationMs = now() - startedAtMs
          report.simulatedMs = report.simulatedMs === null ? null : event.durationMs
          break
        case 'run-failed':
          if (report === null) return
          ended = true
          report.failure = { ...event.error, exitCode: event.exitCode }
          report.durationMs = now() - startedAtMs
          report.simulatedMs = report.simulatedMs === null ? null : event.atMs
          break
        case 'network-up':
        case 'node-up':
        case 'node-event':
        case 'node-log':
        case 'node-exit':
        case 'progress':
        case 'router-state':
        case 'kept':
        case 'router-exit':
        case 'engine-lost':
      }
    },
    report: () => (ended ? report : null),
  }
}

function startReport(event: Extract<RunEvent, { type: 'run-start' }>, startedAt: string): Report {
  const { kadlab = '', libp2p = '', node = '', engine } = event.versions
  return {
    schema: REPORT_SCHEMA,
    scenario: event.scenario,
    title: event.title,
    ...(event.about !== undefined && { about: event.about }),
    ...(event.extends !== undefined && { extends: event.extends }),
    fabric: event.fabric,
    seed: event.seed,
    holds: false,
    startedAt,
    durationMs: 0,
    simulatedMs: event.time === 'simulated' ? 0 : null,
    versions: { kadlab, libp2p, node, ...(engine !== undefined && { engine }) },
    natProofs: [],
    variants: [],
  }
}

function startVariant(name: string, title: string, plan: VariantPlan | undefined): VariantReport {
  const nodes = plan?.nodes ?? []
  return {
    name,
    title,
    holds: false,
    settings: Object.fromEntries(nodes.map((node) => [node.name, node.settings])),
    nodes: nodes.map((node) => ({
      name: node.name,
      program: node.program,
      peerId: node.peerId,
      site: node.site,
      privateAddress: node.address,
      publicAddress: node.publicAddress,
      announced: null,
    })),
    cells: [],
    steps: [],
    expectations: [],
    tables: [],
    timings: { networkMs: 0, startMs: 0, connectedMs: null, listedMs: null },
  }
}

/** The hosts of multiaddrs, each once. */
function bareHosts(addresses: readonly string[]): string[] {
  return [...new Set(addresses.map((address) => address.split('/')[2] ?? address))]
}

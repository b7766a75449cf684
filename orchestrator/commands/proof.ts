import { KadlabError } from '#node/base/errors.ts'
import { createStyle, wantsColors } from '#node/view/style.ts'
import { wrap } from '#node/view/text.ts'
import { isNatPresetName, NAT_PRESETS } from '#orchestrator/net/nat-presets.ts'
import type { Plan } from '#orchestrator/plan/plan-type.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'
import type { NatProof } from '#orchestrator/proof/nat-proof.ts'
import { lineWidth } from '#orchestrator/report/format.ts'
import { proofHead, proofLegend, proofLines } from '#orchestrator/report/proof-view.ts'
import { createScreen } from '#orchestrator/report/screen.ts'
import type { RunComponents } from '#orchestrator/run/run.ts'
import { fabricFacts } from '#orchestrator/scenario/fabrics.ts'
import { scenarioSchema } from '#orchestrator/scenario/schema.ts'
import { didYouMean } from '#orchestrator/words/nearest.ts'
import { UsageError } from './errors.ts'
import { EXIT, type ExitStatus } from './exit-status.ts'
import type { FabricChoice } from './fabric-choice.ts'
import { type CommandIo, overwritesLines } from './io.ts'
import type { FabricLoader } from './loaders.ts'
import { selectFabric } from './select.ts'

export interface ProofComponents {
  load: FabricLoader
  proveRouters: RunComponents['proveRouters']
}

/** Measures the routers of one NAT preset, without any node. */
export async function proofCommand(
  preset: string,
  choice: FabricChoice,
  io: CommandIo,
  { load, proveRouters }: ProofComponents,
): Promise<ExitStatus> {
  const style = createStyle(wantsColors(io.isTerminal, io.env))
  const screen = createScreen({ write: io.stdout, live: overwritesLines(io), width: io.columns })
  const { signal } = io
  const plan = (taken: readonly string[], sameSubnets: boolean): Plan =>
    presetPlan(preset, taken, sameSubnets)
  const { routers } = plan([], true)
  if (routers.length === 0) {
    io.stdout(`${preset} has no router: there is nothing to measure.\n`)
    return EXIT.held
  }
  const { fabric, detail } = await selectFabric(choice, null, { signal, load })
  screen.print(
    `${style('bold', preset)} on ${style('bold', fabric.name)}`,
    ...wrap(NAT_PRESETS[presetName(preset)].doc, lineWidth(io.columns)),
  )
  if (detail !== '') screen.print(style('dim', detail))
  try {
    const { sameSubnets } = fabricFacts(fabric.name)
    const planned = plan(await fabric.takenSubnets({ signal }), sameSubnets)
    await fabric.withClock(planned.seed, async () => {
      await using lab = await fabric.start(planned, {
        signal,
        onEvent: (event) => {
          if (event.type === 'progress') screen.status(event.text)
        },
      })
      screen.hint('measuring')
      const proofs: NatProof[] = []
      await proveRouters(lab, planned, {
        signal,
        onProof(proof) {
          if (proofs.length === 0) screen.print(proofHead(routers, style))
          proofs.push(proof)
          screen.print(...proofLines(proof, routers, style))
        },
      })
      screen.print(...proofLegend(proofs, style))
    })
  } catch (error) {
    // What is said of it begins a line of its own.
    screen.clear()
    throw error
  }
  return EXIT.held
}

function presetName(text: string): keyof typeof NAT_PRESETS {
  if (isNatPresetName(text)) return text
  const known = Object.keys(NAT_PRESETS)
  throw new UsageError(
    `no NAT preset is called '${text}'; there are ${known.join(', ')}${didYouMean(text, known)}`,
  )
}

/** One site behind the preset. It takes a node to plan one, and none to measure it. */
function presetPlan(text: string, taken: readonly string[], sameSubnets: boolean): Plan {
  const preset = presetName(text)
  const scenario = scenarioSchema.parse({
    name: `proof-${preset}`,
    title: `NAT proof of ${preset}`,
    sites: { site: { nat: preset } },
    nodes: { node: { site: 'site' } },
  })
  const [plan] = planScenario(scenario, { seed: 0, taken, sameSubnets })
  if (plan === undefined) throw new KadlabError('a scenario without variants has one plan')
  return { ...plan, variants: [] }
}

import { readFileSync } from 'node:fs'
import { readScenario } from '#orchestrator/scenario/load.ts'
import { peerNames } from '#orchestrator/topology/peer-names.ts'
import type { NodePlan, Plan } from '#orchestrator/topology/plan-type.ts'
import { planScenario } from '#orchestrator/topology/plan.ts'
import { routerScript } from '#orchestrator/topology/router-script.ts'

const SCENARIO = 'orchestrator/scenarios/compose-cluster.yaml'

const HEADER = `# Made from ${SCENARIO} by npm run docs; a change here is lost.`

/** The cluster that `docker compose up` starts, with both of its variants, as it is planned where nothing is taken. */
export function composePlan(): Plan {
  const { scenario } = readScenario(readFileSync(SCENARIO, 'utf8'), SCENARIO)
  const [plan, ...more] = planScenario(scenario, { seed: 1 })
  if (plan === undefined || more.length > 0) {
    throw new Error(`expected the variants of ${SCENARIO} to share one set of routers`)
  }
  return plan
}

/** Files of compose/ that say what the scenario says, by their path. */
export function composeFiles(): Record<string, string> {
  const plan = composePlan()
  return Object.fromEntries([
    ...plan.routers.map((router) => [
      `compose/routers/${router.name}.sh`,
      `${HEADER}\n${routerScript(router, plan.networks)}`,
    ]),
    ...plan.variants.flatMap((variant) =>
      variant.nodes.map((node) => [
        `compose/environment/${variant.name}/${node.name}.env`,
        environmentFile(node, variant.nodes),
      ]),
    ),
  ]) as Record<string, string>
}

function environmentFile(node: NodePlan, all: readonly NodePlan[]): string {
  const environment = { ...node.env, PEER_NAMES: peerNames(all) }
  const lines = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
  // A seed that everybody can read is for a cluster that nobody can reach.
  return `${[HEADER, ...lines].join('\n')}\n`
}

import { readFileSync } from 'node:fs'
import { peerNames } from '#orchestrator/plan/peer-names.ts'
import type { Plan, VariantPlan } from '#orchestrator/plan/plan-type.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { routerScript } from '#orchestrator/router/router-script.ts'
import { readScenario } from '#orchestrator/scenario/load.ts'

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
  const [{ nodes } = { nodes: [] }] = plan.variants
  return Object.fromEntries([
    ['compose/environment/peer-names.env', environmentFile({ PEER_NAMES: peerNames(nodes) })],
    ...plan.routers.map((router) => [
      `compose/routers/${router.name}.sh`,
      `${HEADER}\n${routerScript(router, plan.networks)}`,
    ]),
    ...plan.variants.flatMap((variant) =>
      variant.nodes.map((node) => [
        `compose/environment/${folderOf(variant)}/${node.name}.env`,
        environmentFile({ ...node.env, PEER_NAMES: peerNames(variant.nodes) }),
      ]),
    ),
  ]) as Record<string, string>
}

/** Named as the setting that chooses it: Compose, which knows no values of a variable, says a wrong one as a path. */
function folderOf({ name }: VariantPlan): string {
  return name.replace('announce-', 'ANNOUNCE_PUBLIC=')
}

function environmentFile(environment: Readonly<Record<string, string>>): string {
  const lines = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
  // A seed that everybody can read is for a cluster that nobody can reach.
  return `${[HEADER, ...lines].join('\n')}\n`
}

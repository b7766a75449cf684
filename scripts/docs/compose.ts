import { readFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { peerNames } from '#orchestrator/plan/peer-names.ts'
import type { Plan, RouterPlan, VariantPlan } from '#orchestrator/plan/plan-type.ts'
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
  const prefixes = networkPrefixes(plan)
  return Object.fromEntries([
    ['compose/environment/peer-names.env', environmentFile({ PEER_NAMES: peerNames(nodes) })],
    ['compose/routers.yaml', routersFile(plan, prefixes)],
    ...plan.variants.flatMap((variant) =>
      variant.nodes.map((node) => [
        `compose/environment/${folderOf(variant)}/${node.name}.env`,
        withVariables(
          environmentFile({ ...node.env, PEER_NAMES: peerNames(variant.nodes) }),
          prefixes,
        ),
      ]),
    ),
  ]) as Record<string, string>
}

/** The first three numbers of a network's addresses, and the variable that moves them. */
export interface NetworkPrefix {
  variable: string
  prefix: string
}

/** `NET_INTERNET` for `11.210.0`, and so on: a second cluster beside the first takes others. */
export function networkPrefixes(plan: Plan): NetworkPrefix[] {
  return plan.networks.map(({ name, subnet }) => ({
    variable: `NET_${name.replaceAll('-', '_').toUpperCase()}`,
    prefix: subnet.split('.').slice(0, 3).join('.'),
  }))
}

/** Puts variables, with their defaults, in the place of the planned networks. */
export function withVariables(text: string, prefixes: readonly NetworkPrefix[]): string {
  return prefixes.reduce(
    (replaced, { variable, prefix }) =>
      replaced.replaceAll(`${prefix}.`, `\${${variable}:-${prefix}}.`),
    text,
  )
}

/** What a router's container runs: inside the Compose file, so that no file of this machine has to reach the engine's. */
export function routerCommand(
  router: RouterPlan,
  plan: Plan,
  prefixes: readonly NetworkPrefix[],
): string {
  const script = `${routerScript(router, plan.networks)}touch /run/routing\nexec sleep infinity\n`
  // Compose reads a dollar for a variable, but for two.
  return withVariables(script.replaceAll('$', '$$$$'), prefixes)
}

function routersFile(plan: Plan, prefixes: readonly NetworkPrefix[]): string {
  const services = Object.fromEntries(
    plan.routers.map((router) => [
      router.name,
      { command: [routerCommand(router, plan, prefixes)] },
    ]),
  )
  return `${HEADER}\n${stringify({ services }, { lineWidth: 0 })}`
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

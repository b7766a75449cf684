import { join } from 'node:path'
import type { Workspace } from './terraform.ts'

/** Addresses of resources by what a plan does to them, each sorted. A replacement is created and destroyed. */
export interface Plan {
  created: string[]
  changed: string[]
  destroyed: string[]
}

interface PlanJson {
  resource_changes?: { address: string; mode: string; change: { actions: string[] } }[]
}

/** Plans, and reads the plan back. */
export async function readPlan(workspace: Workspace, args: readonly string[]): Promise<Plan> {
  const file = join(workspace.root, 'plan')
  const planned = await workspace.terraform(['plan', '-no-color', `-out=${file}`, ...args])
  if (planned.code !== 0) throw new Error(planned.text)
  const { stdout } = await workspace.terraform(['show', '-json', file])
  const changes = ((JSON.parse(stdout) as PlanJson).resource_changes ?? []).filter(
    ({ mode }) => mode === 'managed',
  )
  const doing = (action: string): string[] =>
    changes
      .filter(({ change }) => change.actions.includes(action))
      .map(({ address }) => address)
      .toSorted()
  return { created: doing('create'), changed: doing('update'), destroyed: doing('delete') }
}

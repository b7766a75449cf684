import type { RunPicture } from './picture.ts'

/** A setting of a node that is not the same in all variants. */
export interface DifferingSetting {
  node: string
  variable: string
  /** One for each variant; null where it is not set. */
  values: (string | null)[]
}

/** What was set differently in the variants that began: why they ended as they did. */
export function differingSettings({ variants }: Pick<RunPicture, 'variants'>): DifferingSetting[] {
  const rows = new Map<string, DifferingSetting>()
  for (const { nodes } of variants) {
    for (const { plan } of nodes) {
      for (const variable of ['program', ...Object.keys(plan.settings)]) {
        const key = JSON.stringify([plan.name, variable])
        if (rows.has(key)) continue
        const values = variants.map((variant) => {
          const found = variant.nodes.find((node) => node.plan.name === plan.name)?.plan
          if (found === undefined) return null
          return variable === 'program' ? found.program : (found.settings[variable] ?? null)
        })
        rows.set(key, { node: plan.name, variable, values })
      }
    }
  }
  return [...rows.values()].filter(({ values }) => new Set(values).size > 1)
}

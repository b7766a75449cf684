import { globSync, readFileSync } from 'node:fs'
import { z } from 'zod'

/** The parts of a Grafana dashboard that kadlab's use; anything else in one is a fault. */
const DataSource = z.strictObject({ type: z.literal('prometheus'), uid: z.literal('prometheus') })

const TargetSchema = z.strictObject({
  refId: z.string().regex(/^[A-Z]$/),
  datasource: DataSource,
  expr: z.string().min(1),
  legendFormat: z.string(),
  instant: z.literal(true).optional(),
  range: z.literal(false).optional(),
  format: z.literal('table').optional(),
})

const PanelSchema = z.strictObject({
  id: z.int().positive(),
  type: z.enum(['stat', 'timeseries', 'state-timeline', 'table']),
  title: z.string().min(1),
  description: z.string().optional(),
  datasource: DataSource,
  gridPos: z.strictObject({
    x: z.int().min(0).max(23),
    y: z.int().min(0),
    w: z.int().min(1).max(24),
    h: z.int().min(1),
  }),
  fieldConfig: z.strictObject({
    defaults: z.looseObject({
      unit: z.enum(['short', 's', 'reqps']),
      thresholds: z
        .strictObject({
          mode: z.literal('absolute'),
          steps: z.array(z.strictObject({ color: z.string(), value: z.number().nullable() })),
        })
        .optional(),
    }),
    overrides: z.array(z.never()),
  }),
  options: z.looseObject({}),
  targets: z.array(TargetSchema).min(1),
  transformations: z
    .array(z.strictObject({ id: z.string(), options: z.looseObject({}) }))
    .optional(),
})

const VariableSchema = z.looseObject({
  name: z.string(),
  type: z.literal('query'),
  datasource: DataSource,
  query: z.strictObject({ query: z.string(), refId: z.string() }),
})

const DashboardSchema = z.strictObject({
  uid: z.string().regex(/^kadlab-[a-z]+$/),
  title: z.string().startsWith('kadlab: '),
  description: z.string().min(1),
  tags: z.tuple([z.literal('kadlab')]),
  schemaVersion: z.int().min(36),
  version: z.literal(1),
  editable: z.boolean(),
  graphTooltip: z.int(),
  refresh: z.string(),
  time: z.strictObject({ from: z.string(), to: z.string() }),
  timezone: z.string(),
  annotations: z.strictObject({ list: z.array(z.never()) }),
  links: z.array(z.looseObject({ type: z.literal('dashboards') })),
  templating: z.strictObject({ list: z.array(VariableSchema) }),
  panels: z.array(PanelSchema).min(1),
})

export type Dashboard = z.infer<typeof DashboardSchema>

/** Every dashboard by its path; throws where one is not what Grafana is to be given. */
export function readDashboards(): Map<string, Dashboard> {
  const paths = globSync('compose/grafana/dashboards/*.json').toSorted()
  return new Map(
    paths.map((path) => [path, DashboardSchema.parse(JSON.parse(readFileSync(path, 'utf8')))]),
  )
}

/** Every expression of a dashboard, by panel and letter, as Grafana would send it for the node `node`. */
export function expressionsOf(dashboard: Dashboard, node: string): [where: string, expr: string][] {
  return dashboard.panels.flatMap(({ title, targets }) =>
    targets.map(({ refId, expr }): [string, string] => [
      `${dashboard.uid}: ${title} ${refId}`,
      expr.replaceAll('$__rate_interval', '1m').replaceAll('$node', node),
    ]),
  )
}

import { globSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { type MetricName, METRICS_TABLE } from '#node/metrics/metrics-table.ts'

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

const colored = (color: 'red' | 'green', index: number) =>
  z.strictObject({ text: z.string(), color: z.literal(color), index: z.literal(index) })

/** What 0 and 1 are called, and their colours: `no` and `yes`, or `not ...` and what it is. */
const MappingSchema = z.strictObject({
  type: z.literal('value'),
  options: z
    .strictObject({ '0': colored('red', 0), '1': colored('green', 1) })
    .refine(({ 0: no, 1: yes }) => no.text === (yes.text === 'yes' ? 'no' : `not ${yes.text}`)),
})

/** A table's columns: which are shown, and in which order. */
const ColumnsSchema = z.tuple([
  z.strictObject({
    id: z.literal('filterFieldsByName'),
    options: z.strictObject({
      include: z.strictObject({ names: z.array(z.string()).min(1) }),
    }),
  }),
  z.strictObject({
    id: z.literal('organize'),
    options: z.strictObject({
      indexByName: z.record(z.string(), z.int()),
      renameByName: z.strictObject({}),
      excludeByName: z.strictObject({}),
    }),
  }),
])

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
      mappings: z.tuple([MappingSchema]).optional(),
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
  transformations: ColumnsSchema.optional(),
})

const VariableSchema = z.looseObject({
  name: z.string(),
  type: z.literal('query'),
  datasource: DataSource,
  query: z.strictObject({ query: z.string(), refId: z.string() }),
  definition: z.string(),
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

/** What a panel asks, as Grafana would send it. */
export interface Asked {
  /** The dashboard, the panel and the letter. */
  where: string
  expr: string
  /** Labels that the panel shows: those of its legend, or a table's columns. */
  labels: readonly string[]
  panel: Dashboard['panels'][number]
}

/** Every expression of a dashboard, where the node `node` is looked at. */
export function expressionsOf(dashboard: Dashboard, node: string): Asked[] {
  return dashboard.panels.flatMap((panel) =>
    panel.targets.map(({ refId, expr, legendFormat }) => ({
      where: `${dashboard.uid}: ${panel.title} ${refId}`,
      expr: expr.replaceAll('$__rate_interval', '1m').replaceAll('$node', node),
      labels:
        panel.transformations?.[0].options.include.names ??
        [...legendFormat.matchAll(/\{\{(.*?)\}\}/g)].map(([, label = '']) => label.trim()),
      panel,
    })),
  )
}

/** The metrics of the node that an expression asks for; throws where a node has no such metric. */
export function metricsOf(expr: string): MetricName[] {
  return [...expr.matchAll(/\bkadlab_[a-z_]+\b/g)].map(([name]) => {
    const metric = name.replace(/_(bucket|sum|count)$/, '')
    if (!isMetric(metric)) throw new Error(`${expr} asks for ${name}, which no node has`)
    return metric
  })
}

function isMetric(name: string): name is MetricName {
  return Object.hasOwn(METRICS_TABLE, name)
}

/** Labels of what a metric is scraped as: its own, and those of the node. */
export function labelsOf(metric: MetricName): string[] {
  return [...METRICS_TABLE[metric].labels, 'node', 'instance']
}

/** Labels that an answer may have. An aggregation keeps those that it names, unless others are joined to it. */
export function answeredLabels(expr: string): string[] {
  const made = [...expr.matchAll(/label_replace\(kadlab_[a-z_]+(?:\{[^}]*\})?, "([a-z]+)"/g)]
  const labels = [...metricsOf(expr).flatMap(labelsOf), ...made.map(([, label = '']) => label)]
  const kept = [...expr.matchAll(/\bby \(([^)]*)\)/g)].map(([, names = '']) => names.split(', '))
  if (kept.length === 0 || expr.includes('group_left')) return labels
  return labels.filter((label) => kept.every((names) => names.includes(label)))
}

import type { Series } from './simulated-cluster.ts'

/** A cluster in some state, in the time of rule tests. */
export interface SimulatedCase {
  name: string
  series: Series
  /** Between two values of a series, and between two evaluations. Default: half a minute each. */
  interval?: string
  evaluationInterval?: string
}

/** What Prometheus is asked, and when; times are in promtool's notation. */
export interface Question {
  expr: string
  time: string
  /** Values of the answer by their labels, as `{node="home"}`. */
  answer: Readonly<Record<string, number>>
}

/** Everything that a rule fires at a time, as a person is told it. */
export interface ToldAlert {
  alertname: string
  time: string
  alerts: readonly {
    labels: Readonly<Record<string, string>>
    annotations: Readonly<Record<string, string>>
  }[]
}

/** A case as promtool's file of rule tests, which may be JSON; `rules` is a path as promtool sees it. */
export function promtoolFile(
  rules: string,
  { name, series, interval = '30s', evaluationInterval = '30s' }: SimulatedCase,
  { questions = [], told = [] }: { questions?: readonly Question[]; told?: readonly ToldAlert[] },
): string {
  const test = {
    name,
    interval,
    input_series: Object.entries(series).map(([series, values]) => ({ series, values })),
    promql_expr_test: questions.map(({ expr, time, answer }) => ({
      expr,
      eval_time: time,
      exp_samples: Object.entries(answer).map(([labels, value]) => ({ labels, value })),
    })),
    alert_rule_test: told.map(({ alertname, time, alerts }) => ({
      eval_time: time,
      alertname,
      exp_alerts: alerts.map(({ labels, annotations }) => ({
        exp_labels: labels,
        exp_annotations: annotations,
      })),
    })),
  }
  return JSON.stringify({
    rule_files: [rules],
    evaluation_interval: evaluationInterval,
    tests: [test],
  })
}

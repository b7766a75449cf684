import { collectDefaultMetrics, Registry } from 'prom-client'
import type { MetricsSource } from '../api/http/app.ts'

/** What a process without a peer has to say of itself: `process_…` and `nodejs_…`, as prom-client names them. */
export function processMetrics(): MetricsSource {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return { contentType: registry.contentType, metrics: async () => registry.metrics() }
}

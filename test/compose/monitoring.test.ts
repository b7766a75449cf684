import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import { readCompose } from './compose-file.ts'

const { services } = readCompose('compose/compose.yaml')

describe('the profile monitoring', () => {
  it('is Prometheus and Grafana', () => {
    const monitoring = Object.entries(services).filter(([, { profiles }]) => profiles !== undefined)
    assert.deepEqual(
      monitoring.map(([name, { profiles }]) => [name, profiles]),
      [
        ['prometheus', ['monitoring', 'prometheus']],
        ['grafana', ['monitoring']],
      ],
    )
  })

  it('keeps metrics for a week, and lets nobody change or end Prometheus over HTTP', () => {
    const [script = '', ...more] = services['prometheus']?.command ?? []
    assert.deepEqual(more, [])
    assert.deepEqual(script.trim().split('\n').at(-1)?.split(' '), [
      'exec',
      'prometheus',
      '--config.file=/etc/prometheus/prometheus.yml',
      '--storage.tsdb.path=/prometheus',
      '--storage.tsdb.retention.time=7d',
    ])
  })

  it('shows the gateway the token of the API, from a file that is on no disk', () => {
    const { command = [], tmpfs, entrypoint } = services['prometheus'] ?? {}
    const { scrape_configs: jobs } = parse(
      readFileSync('compose/prometheus/prometheus.yml', 'utf8'),
    ) as { scrape_configs: { authorization?: unknown }[] }
    for (const { authorization } of jobs) {
      assert.deepEqual(authorization, { credentials_file: '/run/kadlab/api-token' })
    }
    assert.deepEqual(entrypoint, ['sh', '-c'])
    const [script = ''] = command
    assert.ok(script.startsWith('umask 077\nprintf %s "$$API_TOKEN" >/run/kadlab/api-token\n'))
    assert.match(tmpfs?.join() ?? '', /^\/run\/kadlab:/)
  })

  it('lets everybody look at Grafana and nobody more, and Grafana ask nobody outside', () => {
    assert.deepEqual(services['grafana']?.environment, {
      GF_SECURITY_ADMIN_PASSWORD: '${GRAFANA_PASSWORD:-}',
      GF_AUTH_ANONYMOUS_ENABLED: 'true',
      GF_AUTH_ANONYMOUS_ORG_ROLE: 'Viewer',
      GF_USERS_ALLOW_SIGN_UP: 'false',
      GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: '/var/lib/grafana/dashboards/kadlab-overview.json',
      GF_ANALYTICS_REPORTING_ENABLED: 'false',
      GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
      GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: 'false',
      GF_NEWS_NEWS_FEED_ENABLED: 'false',
      GF_PLUGINS_PREINSTALL_DISABLED: 'true',
    })
  })

  it('asks Grafana for its health where it listens', () => {
    const health = 'http://127.0.0.1:3000/api/health'
    assert.deepEqual(services['grafana']?.healthcheck?.test, [
      'CMD',
      'wget',
      '-q',
      '--spider',
      health,
    ])
  })
})

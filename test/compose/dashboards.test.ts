import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import { API_ERRORS, METRICS_TABLE } from '#node/metrics-table.ts'
import { readCompose } from './compose-file.ts'
import { expressionsOf, readDashboards } from './dashboards.ts'

const PROVISIONING = 'compose/grafana/provisioning'

function read(path: string): unknown {
  return parse(readFileSync(`${PROVISIONING}/${path}`, 'utf8'))
}

describe("Grafana's dashboards", () => {
  const dashboards = readDashboards()

  it('are the overview, discovery, the store and one node, under uids that stay', () => {
    const uids = [...dashboards].map(([path, { uid }]) => [path.split('/').at(-1), uid])
    assert.deepEqual(uids, [
      ['kadlab-discovery.json', 'kadlab-discovery'],
      ['kadlab-node.json', 'kadlab-node'],
      ['kadlab-overview.json', 'kadlab-overview'],
      ['kadlab-store.json', 'kadlab-store'],
    ])
  })

  it('have panels that do not lie over each other', () => {
    for (const [path, { panels }] of dashboards) {
      const cells = new Set<string>()
      assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length, path)
      for (const { title, gridPos } of panels) {
        assert.ok(gridPos.x + gridPos.w <= 24, title)
        for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
          for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
            assert.ok(!cells.has(`${x},${y}`), `${path}: ${title}`)
            cells.add(`${x},${y}`)
          }
        }
      }
    }
  })

  it('count faults, where a number has a colour: one of four that is well is no reason for green', () => {
    for (const [path, { panels }] of dashboards) {
      for (const { type, title, fieldConfig, targets } of panels) {
        const { thresholds } = fieldConfig.defaults
        if (type !== 'stat' || thresholds === undefined) continue
        const isOfOneNode = targets.every(({ expr }) => expr.includes('{node="$node"}'))
        const colours = isOfOneNode ? ['red', 'green'] : ['green', 'red']
        assert.deepEqual(
          thresholds.steps.map(({ color, value }) => [color, value]),
          [
            [colours[0], null],
            [colours[1], 1],
          ],
          `${path}: ${title}`,
        )
      }
    }
  })

  it('ask for metrics that nodes have, and leave none out', () => {
    const all = [...dashboards.values()].flatMap((dashboard) => expressionsOf(dashboard, 'home'))
    const asked = new Set<string>()
    for (const [where, expression] of all) {
      assert.doesNotMatch(expression, /\$[a-z_]/, where)
      for (const [name] of expression.matchAll(/\bkadlab_[a-z_]+\b/g)) {
        const metric = name.replace(/_(bucket|sum|count)$/, '')
        assert.ok(Object.hasOwn(METRICS_TABLE, metric), `${where} asks for ${name}`)
        asked.add(metric)
      }
    }
    assert.deepEqual([...asked].toSorted(), Object.keys(METRICS_TABLE).toSorted())
  })

  it('leave out the errors of callers, as the alert does', () => {
    const rules = readFileSync('compose/prometheus/rules/kadlab.yml', 'utf8')
    const panels = [...dashboards.values()].flatMap((dashboard) =>
      expressionsOf(dashboard, 'home').map(([, expression]) => expression),
    )
    const asked = [rules, ...panels].flatMap((text) => [
      ...text.matchAll(/\bkadlab_api_errors_total(\{[^}]*\})?/g),
    ])
    assert.equal(asked.length, 3)
    for (const [, labels] of asked) {
      assert.equal(labels, `{error!~"${API_ERRORS.caller.join('|')}"}`)
    }
  })

  it('are found where Grafana is told to look, and ask the data source that it is given', () => {
    const { services } = readCompose('compose/compose.yaml')
    const volumes = services['grafana']?.volumes ?? []
    assert.ok(volumes.includes('./grafana/provisioning:/etc/grafana/provisioning:ro'))
    assert.ok(volumes.includes('./grafana/dashboards:/var/lib/grafana/dashboards:ro'))
    // As Grafana's documentation of provisioning names them; it takes what it does not know for nothing.
    assert.deepEqual(read('dashboards/kadlab.yml'), {
      apiVersion: 1,
      providers: [
        {
          name: 'kadlab',
          folder: 'kadlab',
          type: 'file',
          disableDeletion: true,
          allowUiUpdates: false,
          options: { path: '/var/lib/grafana/dashboards' },
        },
      ],
    })
    assert.deepEqual(read('datasources/prometheus.yml'), {
      apiVersion: 1,
      datasources: [
        {
          name: 'Prometheus',
          uid: 'prometheus',
          type: 'prometheus',
          access: 'proxy',
          url: 'http://prometheus:9090',
          isDefault: true,
          editable: false,
        },
      ],
    })
    assert.deepEqual(services['prometheus']?.networks, services['grafana']?.networks)
    const home = services['grafana']?.environment?.['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH']
    const homeFile = String(home).replace('/var/lib/grafana', 'compose/grafana')
    assert.ok(dashboards.has(homeFile), homeFile)
  })
})

describe("Prometheus's targets", () => {
  it('are the nodes of the cluster, each asked through the gateway', () => {
    const { scrape_configs: jobs } = parse(
      readFileSync('compose/prometheus/prometheus.yml', 'utf8'),
    ) as {
      scrape_configs: {
        job_name: string
        static_configs: { targets: string[]; labels?: Record<string, string> }[]
      }[]
    }
    const { services } = readCompose('compose/compose.yaml')
    const nodes = Object.entries(services)
      .filter(([, { env_file: file }]) => file?.includes('ANNOUNCE_PUBLIC'))
      .map(([node]) => ({
        targets: ['api:8080'],
        labels: { node, __metrics_path__: `/nodes/${node}/metrics` },
      }))
    assert.deepEqual(
      jobs.map(({ job_name: name, static_configs: targets }) => [name, targets]),
      [
        ['kadlab', nodes],
        ['kadlab-api', [{ targets: ['api:8080'] }]],
      ],
    )
    assert.equal(services['api']?.environment?.['API_LISTEN'], '0.0.0.0:8080')
  })
})

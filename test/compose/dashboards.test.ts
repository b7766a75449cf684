import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import { API_ERRORS, METRICS_TABLE } from '#node/metrics/metrics-table.ts'
import { readCompose } from './compose-file.ts'
import { answeredLabels, expressionsOf, labelsOf, metricsOf, readDashboards } from './dashboards.ts'
import { PANEL_CASES } from './panel-cases.ts'

const PROVISIONING = 'compose/grafana/provisioning'

function read(path: string): unknown {
  return parse(readFileSync(`${PROVISIONING}/${path}`, 'utf8'))
}

describe("Grafana's dashboards", () => {
  const dashboards = readDashboards()
  const asked = [...dashboards.values()].flatMap((each) => expressionsOf(each, 'home'))

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
    for (const { where, expr } of asked) assert.doesNotMatch(expr, /\$[a-z_]/, where)
    const metrics = new Set(asked.flatMap(({ expr }) => metricsOf(expr)))
    assert.deepEqual([...metrics].toSorted(), Object.keys(METRICS_TABLE).toSorted())
  })

  it('name series and columns by labels that are there', () => {
    for (const { where, expr, labels, panel } of asked) {
      const there = answeredLabels(expr)
      for (const label of labels) assert.ok(there.includes(label), `${where} shows ${label}`)
      const isNamed = panel.type !== 'stat' || panel.options['textMode'] === 'name'
      assert.equal(labels.length > 0, isNamed, where)
    }
  })

  it('show labels as text alone: no markup, no address that one follows', () => {
    for (const { where, panel } of asked) {
      const { custom = {}, ...defaults } = panel.fieldConfig.defaults
      assert.doesNotMatch(
        JSON.stringify([custom, defaults, panel.options]),
        /"(?:links|actions|cellOptions|displayMode":"(?:html|markdown|image))|\$\{__/,
        where,
      )
    }
  })

  it('have the columns of their tables in the order in which they are named', () => {
    for (const { where, panel } of asked) {
      const { type, transformations } = panel
      assert.equal(transformations !== undefined, type === 'table', where)
      if (transformations === undefined) continue
      const [{ options: shown }, { options: ordered }] = transformations
      const order = shown.include.names.map((name, index) => [name, index])
      assert.deepEqual(Object.entries(ordered.indexByName), order, where)
    }
  })

  it('have variables that metrics have, and those that they ask by', () => {
    for (const [path, { templating, panels }] of dashboards) {
      const wanted = panels.some(({ targets }) =>
        targets.some(({ expr }) => expr.includes('$node')),
      )
      const names = templating.list.map(({ name }) => name)
      assert.deepEqual(names, wanted ? ['node'] : [], path)
      for (const { query, definition } of templating.list) {
        const [, metric = '', label = ''] = /^label_values\((\w+), (\w+)\)$/.exec(query.query) ?? []
        assert.ok(metricsOf(metric).flatMap(labelsOf).includes(label), query.query)
        assert.equal(definition, query.query)
      }
    }
  })

  it('have the unit of what they show', () => {
    for (const { where, expr, panel } of asked) {
      const isSpeed = /\brate\(kadlab_[a-z_]+_count\b/.test(expr)
      const isDuration = /^histogram_quantile\(.*_seconds_bucket\b/.test(expr)
      // Of durations nothing else is asked, and nothing else is a rate.
      assert.equal(isSpeed || isDuration, /_seconds_|\brate\(/.test(expr), where)
      const unit = isDuration ? 's' : isSpeed ? 'reqps' : 'short'
      assert.equal(panel.fieldConfig.defaults.unit, unit, where)
    }
  })

  it('have the quantile in their title', () => {
    for (const { where, expr, panel } of asked) {
      const [, median, percent] = /, (?:(median)|(\d+) %)$/.exec(panel.title) ?? []
      const titled = median === undefined ? Number(percent) / 100 : 0.5
      const [, quantile] = /^histogram_quantile\(([\d.]+),/.exec(expr) ?? []
      assert.equal(Number(quantile), titled, where)
    }
  })

  it('say what 0 and 1 mean, where they show nothing else', () => {
    for (const { where, expr, panel } of asked) {
      const isFact = /^\(?kadlab_(ready|joined|peer_listed|peer_dialable)\b/.test(expr)
      if (panel.type === 'state-timeline') assert.ok(isFact, where)
      assert.equal(panel.fieldConfig.defaults.mappings !== undefined, isFact, where)
    }
  })

  it('are each compared, panel by panel, with what a simulated cluster says', () => {
    const compared = new Set(PANEL_CASES.flatMap(({ shown }) => Object.keys(shown)))
    assert.deepEqual([...compared].toSorted(), asked.map(({ where }) => where).toSorted())
  })

  it('leave out the errors of callers, as the alert does', () => {
    const rules = readFileSync('compose/prometheus/rules/kadlab.yml', 'utf8')
    const counted = [rules, ...asked.map(({ expr }) => expr)].flatMap((text) => [
      ...text.matchAll(/\bkadlab_api_errors_total(\{[^}]*\})?/g),
    ])
    assert.equal(counted.length, 3)
    for (const [, labels] of counted) {
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

import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { lackOf, type Sample } from '#test/compose/answers.ts'
import { expressionsOf, readDashboards } from '#test/compose/dashboards.ts'
import { type ComposeCluster, composeUp, eventually } from './compose-bench.ts'

/** Everything of the profile but Grafana, of which a machine without a registry has no image. */
const MONITORED = { profiles: ['monitoring'], services: ['prometheus'] }

/** How long the default cluster is watched live, which is time for each rule to hold; minutes pass in the rule tests. */
const WATCH_MS = 30_000
/** Everything is judged: each of the three servers is listed and was dialled back, at the two others and at the home. */
const SETTLED = 'sum(kadlab_peer_listed) == 9 and on () sum(kadlab_peer_dialable) == 9'
/** More than a node writes of itself while it is asked once. */
const WRITES_PER_SECOND = 5
/** Of a machine that is too busy to be scraped in time nothing is to be said, unless it stays so. */
const MISSED_SCRAPE = 'alertname=~"Kadlab(Node|Api)Down",alertstate="pending"'

async function ask<T>(cluster: ComposeCluster, path: string): Promise<T> {
  const answer = (await (await fetch(`${cluster.prometheus}/api/v1/${path}`)).json()) as {
    status: string
    error?: string
    data: T
  }
  assert.equal(answer.status, 'success', answer.error)
  return answer.data
}

async function query(cluster: ComposeCluster, expression: string): Promise<Sample[]> {
  const path = `query?query=${encodeURIComponent(expression)}`
  return (await ask<{ result: Sample[] }>(cluster, path)).result
}

/** Alerts that fire or are about to, as `name node`. */
async function alerts(cluster: ComposeCluster): Promise<string[]> {
  const { alerts } = await ask<{ alerts: { labels: Record<string, string> }[] }>(cluster, 'alerts')
  return alerts.map(({ labels }) => `${labels['alertname']} ${labels['node']}`).toSorted()
}

async function onRouter(cluster: ComposeCluster, ...words: string[]): Promise<string> {
  const { status, output, errors } = await cluster.compose('exec', '-T', 'cloud-b-router', ...words)
  assert.equal(status, 0, errors)
  return output
}

/** Compose files of the default cluster, in which cloud-b takes so few writes that a test can be refused some. */
async function ofFewWrites(folder: string): Promise<string> {
  const file = join(folder, 'few-writes.json')
  const limited = { environment: { MAX_WRITES_PER_SECOND: String(WRITES_PER_SECOND) } }
  await writeFile(file, JSON.stringify({ services: { 'cloud-b': limited } }))
  return ['compose/compose.yaml', file].join(delimiter)
}

/** Panels of what honest callers and peers never bring about. */
const QUIET = /: (refused to strangers|requests refused by the API) /

describe('docker compose --profile monitoring up', () => {
  let folder = ''
  let cluster: ComposeCluster
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kadlab-monitoring-'))
    cluster = await composeUp({ ...MONITORED, env: { COMPOSE_FILE: await ofFewWrites(folder) } })
  })
  after(async () => {
    await cluster[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  it('is up, and scrapes every node, and what hands its scrapes on', async () => {
    assert.equal(cluster.up.status, 0, cluster.up.errors)
    const up = await eventually(
      async () => query(cluster, 'up == 1'),
      (samples) => samples.length === 5,
    )
    assert.deepEqual(up.map(({ metric }) => metric['instance'] ?? '').toSorted(), [
      'api:8080',
      'bootstrap',
      'cloud-a',
      'cloud-b',
      'home',
    ])
  })

  it('alarms nobody', async (t) => {
    // And the evaluation that saw it.
    const settled = await eventually(
      async () => query(cluster, `${SETTLED} unless on () ALERTS`),
      (samples) => samples.length === 1,
      90_000,
    )
    assert.equal(settled.length, 1, (await alerts(cluster)).join())
    await new Promise((resolve) => setTimeout(resolve, WATCH_MS))
    const watched = `[${WATCH_MS / 1000}s]`
    // One that is pending would fire with time.
    const told = `count_over_time(ALERTS${watched}) unless count_over_time(ALERTS{${MISSED_SCRAPE}}${watched})`
    assert.deepEqual(await query(cluster, told), [])
    const still = await eventually(
      async () => query(cluster, SETTLED),
      (samples) => samples.length === 1,
    )
    assert.equal(still.length, 1)
    t.diagnostic(`no alert was firing or pending for ${WATCH_MS / 1000} s`)
  })

  it('is about to tell of a node whose port is closed, of no other, and no more when it is open', async () => {
    // As a security group without the rule: what is there stays, nothing new comes in.
    const closed = 'ct state new ct status dnat tcp dport 3000 drop'
    await onRouter(cluster, 'nft', `insert rule ip kadlab forward ${closed}`)
    const meant = ['KadlabNotDialable cloud-b']
    const told = await eventually(
      async () => alerts(cluster),
      (found) => found.join() === meant.join(),
      90_000,
    )
    assert.deepEqual(told, meant)
    const rules = await onRouter(cluster, 'nft', '-a', 'list chain ip kadlab forward')
    const [, handle = ''] = /dport 3000 drop # handle (\d+)/.exec(rules) ?? []
    await onRouter(cluster, 'nft', `delete rule ip kadlab forward handle ${handle}`)
    const left = await eventually(
      async () => alerts(cluster),
      (found) => found.length === 0,
      90_000,
    )
    assert.deepEqual(left, [])
  })

  it('has numbers and labels for every expression of every dashboard', async () => {
    const { api } = cluster
    const keys = `${api}/nodes/cloud-a/v1/keys/dashboards`
    assert.equal((await fetch(keys, { method: 'PUT', body: 'filled' })).status, 200)
    assert.equal((await fetch(keys)).status, 200)
    assert.equal((await fetch(`${api}/nodes/home/v1/keys/dashboards`)).status, 200)
    const impossible = await fetch(`${keys}?replicas=99`, { method: 'PUT', body: 'filled' })
    assert.equal(impossible.status, 503)
    for (const node of ['bootstrap', 'cloud-a', 'home']) {
      await fetch(`${api}/nodes/${node}/v1/discovery?dialBack=true`)
    }
    const replicas =
      'kadlab_put_replicas_sum{node="cloud-a"} / kadlab_put_replicas_count{node="cloud-a"}'
    const written = await eventually(
      async () => (await query(cluster, replicas))[0]?.value[1],
      (found) => found === '2',
    )
    assert.equal(written, '2')
    const burst = Array.from({ length: 4 * WRITES_PER_SECOND }, async (_, at) =>
      fetch(`${keys}-${at}`, { method: 'PUT', body: 'too much' }),
    )
    await Promise.all(burst)
    const wanted = [...readDashboards().values()].flatMap((dashboard) =>
      expressionsOf(dashboard, 'cloud-a'),
    )
    const lacking = await eventually(
      async () => {
        const answers = await Promise.all(
          wanted.map(async ({ where, expr, labels }) => {
            // Nobody attacks this cluster: that these are counted at all is what can be seen, and what is zero is not drawn.
            const counted = QUIET.test(where) ? expr.replace(/ > 0$/, '') : expr
            const lack = lackOf(await query(cluster, counted), labels)
            return lack === null ? [] : [`${where}: ${lack}`]
          }),
        )
        return answers.flat()
      },
      (left) => left.length === 0,
    )
    assert.deepEqual(lacking, [])
  })

  it('leaves what runs of its profile where that is not named, and nothing where it is', async () => {
    await cluster.compose('down', '-v', '--timeout', '5')
    assert.match((await cluster.compose('ps', '-a')).output, /prometheus/)
    const { status, errors } = await cluster.compose('--profile', '*', 'down', '-v')
    assert.equal(status, 0, errors)
    assert.deepEqual(await cluster.remains(), [])
  })
})

describe('ANNOUNCE_PUBLIC=no docker compose --profile monitoring up', () => {
  it('is about to fire the alerts that are meant for it, and no other', async () => {
    await using cluster = await composeUp({ ...MONITORED, env: { ANNOUNCE_PUBLIC: 'no' } })
    assert.equal(cluster.up.status, 0, cluster.up.errors)
    const meant = [
      'KadlabAnnouncesOnlyPrivateAddresses cloud-a',
      'KadlabAnnouncesOnlyPrivateAddresses cloud-b',
      'KadlabListedByNobody cloud-a',
      'KadlabListedByNobody cloud-b',
    ]
    const seen = await eventually(
      async () => alerts(cluster),
      (found) => found.join() === meant.join(),
    )
    assert.deepEqual(seen, meant)
    const firing = await eventually(
      async () => query(cluster, 'ALERTS{alertstate="firing"}'),
      // Both begin with the scrape that saw them, and so may fire an evaluation apart.
      (samples) => samples.length >= 2,
      90_000,
    )
    assert.deepEqual(
      firing.map(({ metric }) => `${metric['alertname']} ${metric['node']}`).toSorted(),
      meant.slice(0, 2),
    )
  })
})

import type { ToldAlert } from './promtool-file.ts'

/** An alert of a node, as a person is told it. */
interface Telling {
  severity: 'critical' | 'warning'
  /** Beside those that every series of a node has. */
  labels?: Readonly<Record<string, string>>
  summary: string
  description: string
}

const SERVER = { mode: 'server' }

/** By the alert's name; a node's peer id is its name. */
const TELLINGS: Readonly<Record<string, (node: string) => Telling>> = {
  KadlabApiDown: () => ({
    severity: 'critical',
    labels: { instance: 'api:8080', job: 'kadlab-api' },
    summary: 'api:8080 does not answer',
    description:
      'No metrics of any node can be fetched through it: see its log, and docker compose ps -a.',
  }),
  KadlabNodeDown: (node) => ({
    severity: 'critical',
    summary: `${node} does not answer`,
    description:
      'Its metrics could not be fetched for a minute: see its log, and docker compose ps -a.',
  }),
  KadlabNotJoined: (node) => ({
    severity: 'critical',
    summary: `${node} has not joined`,
    description:
      'None of its bootstrap nodes answers it: see /v1/status for the reason of each, its log, and whether they run ' +
      '(docker compose ps -a).',
  }),
  KadlabNotReady: (node) => ({
    severity: 'warning',
    summary: `${node} has joined and is not ready`,
    description:
      'It lists nobody: /v1/discovery names the cause for each peer, and /readyz what it waits for.',
  }),
  KadlabListedByNobody: (node) => ({
    severity: 'critical',
    labels: { ...SERVER, peer: node },
    summary: `${node} is in no routing table`,
    description:
      `${node} is a server, and no node lists it. The nodes that are connected to it name the cause and ` +
      'the remedy under /v1/discovery and in their logs.',
  }),
  KadlabAnnouncesOnlyPrivateAddresses: (node) => ({
    severity: 'critical',
    labels: SERVER,
    summary: `${node} announces no public address`,
    description: `Nobody lists a peer of which they know private addresses only: set PUBLIC_IP on ${node}.`,
  }),
  KadlabNotDialable: (node) => ({
    severity: 'critical',
    labels: { peer: node, scope: 'public' },
    summary: `${node} is listed, and nobody can dial it`,
    description:
      `No node reaches an address that ${node} announces on a fresh connection: open TCP 3000 at its ` +
      'firewall or security group, or fix PUBLIC_IP.',
  }),
  KadlabRoutingTableShrinking: (node) => ({
    severity: 'warning',
    summary: `${node} lists 69 peers, and fewer than before`,
    description: 'More than three in ten of those that it listed within 15 minutes are gone.',
  }),
  KadlabPutsBelowReplicas: (node) => ({
    severity: 'warning',
    summary: `puts on ${node} reach ${PUTS_REACH[node]} peers`,
    description:
      'Records are stored at fewer peers than there are to store them: see who lists whom.',
  }),
  KadlabApiErrors: (node) => {
    const [call = '', error = ''] = FAILED[node] ?? []
    return {
      severity: 'warning',
      labels: { call, error },
      summary: `${node}: ${call} failed with ${error}`,
      description: 'In the last five minutes. StoreError: too few peers took a record.',
    }
  },
}

/** What the cases make of these nodes. */
const PUTS_REACH: Readonly<Record<string, string>> = {
  bootstrap: '0.0',
  'cloud-a': '1.0',
  'cloud-b': '19.0',
}
const FAILED: Readonly<Record<string, [call: string, error: string]>> = {
  'cloud-a': ['put', 'StoreError'],
  'cloud-b': ['get', 'Error'],
}

/** What is told at a time where these alerts fire, each `name node`, or `name` where it is no node's. */
export function toldAt(time: string, firing: readonly string[]): ToldAlert[] {
  const names = new Set(firing.map((alert) => alert.split(' ')[0] ?? ''))
  return [...names].map((alertname) => ({
    time,
    alertname,
    alerts: firing
      .map((alert) => alert.split(' '))
      .filter(([name]) => name === alertname)
      .map(([, node]) => told(alertname, node)),
  }))
}

function told(alertname: string, node?: string): ToldAlert['alerts'][number] {
  const telling = TELLINGS[alertname]?.(node ?? '')
  if (telling === undefined) throw new Error(`what ${alertname} says stands nowhere`)
  const { severity, labels = {}, summary, description } = telling
  const ofNode = node === undefined ? {} : { node, instance: node, job: 'kadlab' }
  return { labels: { severity, ...ofNode, ...labels }, annotations: { summary, description } }
}

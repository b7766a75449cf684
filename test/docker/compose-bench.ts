import { execFile, type ExecFileException } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { NodeStatus } from '#node/api/node-api.ts'
import type { Sighting } from '#node/judgement/sighting.ts'

/** What a program said, and its status. */
export interface Ended {
  status: number
  output: string
  errors: string
}

export const PROMETHEUS_IMAGE = process.env['PROMETHEUS_IMAGE'] ?? 'prom/prometheus:latest'

/** Stand-ins for the pinned images, on a machine that can pull nothing. */
export const IMAGES = {
  NODE_IMAGE: process.env['NODE_IMAGE'] ?? 'node:24-bookworm-slim',
  DEBIAN_IMAGE: process.env['DEBIAN_IMAGE'] ?? 'debian:bookworm-slim',
  PROMETHEUS_IMAGE,
}

/** A cluster that Compose started; its disposal leaves nothing at the engine. */
export interface ComposeCluster extends AsyncDisposable {
  /** Where `api` is published, as `http://127.0.0.1:port`. */
  readonly api: string
  /** Where Prometheus is published, with the profile `monitoring`. */
  readonly prometheus: string
  /** What `up --wait` ended with. */
  readonly up: Ended
  /** Runs `docker compose` with these words in this cluster's environment. */
  compose(...words: string[]): Promise<Ended>
  /** Runs `up --wait` on the cluster as it is, with other settings. */
  upWith(env: Record<string, string>): Promise<Ended>
  status(node: string): Promise<NodeStatus>
  discovery(node: string): Promise<Sighting[]>
  /** Ids or names of everything that the project has at the engine. */
  remains(): Promise<string[]>
}

export interface ComposeOptions {
  env?: Record<string, string>
  profiles?: string[]
  /** Services to start, and what they need. Default: all. */
  services?: string[]
  /** As at the first time of all: no image is there, and nobody says `--build`. Default: built anew from what is there. */
  first?: boolean
}

/** Images that the cluster is built into. */
const BUILT = ['kadlab-node:compose', 'kadlab-router:compose']

/** Starts the cluster as a person would, under a project name and on ports of its own. */
export async function composeUp(options: ComposeOptions = {}): Promise<ComposeCluster> {
  const { env = {}, profiles = [], services = [], first = false } = options
  if (first) await run('docker', ['rmi', '--force', ...BUILT])
  const project = `kadlab-test-${process.pid}`
  const [apiPort, prometheusPort, grafanaPort] = await freePorts(3)
  const environment = {
    ...process.env,
    ...IMAGES,
    API_PORT: String(apiPort),
    PROMETHEUS_PORT: String(prometheusPort),
    GRAFANA_PORT: String(grafanaPort),
    COMPOSE_PROJECT_NAME: project,
    ...env,
  }
  const compose = async (...words: string[]): Promise<Ended> => composeIn(environment, ...words)
  const api = `http://127.0.0.1:${apiPort}`
  const json = async (path: string): Promise<unknown> => (await fetch(`${api}${path}`)).json()
  const withProfiles = profiles.flatMap((profile) => ['--profile', profile])
  const build = first ? [] : ['--build']
  const upWords = [...withProfiles, 'up', ...build, '--wait', '--wait-timeout=120', ...services]
  const up = await run(
    'docker',
    ['compose', '--progress', first ? 'plain' : 'quiet', ...upWords],
    environment,
  )
  return {
    api,
    prometheus: `http://127.0.0.1:${prometheusPort}`,
    up,
    compose,
    upWith: async (env) => composeIn({ ...environment, ...env }, ...upWords),
    status: async (node) => (await json(`/nodes/${node}/v1/status`)) as NodeStatus,
    discovery: async (node) => (await json(`/nodes/${node}/v1/discovery`)) as Sighting[],
    async remains() {
      const filter = ['--filter', `label=com.docker.compose.project=${project}`, '-q']
      const lists = [
        ['ps', '-a'],
        ['network', 'ls'],
        ['volume', 'ls'],
      ].map(async (words) => (await run('docker', [...words, ...filter])).output)
      return (await Promise.all(lists)).join('').split('\n').filter(Boolean)
    },
    [Symbol.asyncDispose]: async () => {
      await compose('--profile', '*', 'down', '-v', '--timeout', '5')
    },
  }
}

/** Runs a program to its end, whatever its status. */
export async function run(
  command: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(command, words, { env, maxBuffer: 2 ** 26 }, (error, output, errors) => {
      resolve({ status: statusOf(error), output, errors })
    })
  })
}

function statusOf(error: ExecFileException | null): number {
  if (error === null) return 0
  return typeof error.code === 'number' ? error.code : -1
}

async function composeIn(env: NodeJS.ProcessEnv, ...words: string[]): Promise<Ended> {
  return run('docker', ['compose', '--progress', 'quiet', ...words], env)
}

/** Ports of loopback that are free now. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map(async (server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map(async (server) => once(server.close(), 'close')))
  return ports
}

/** Asks again until the answer is right, at most this long; the last answer is returned, right or not. */
export async function eventually<T>(
  ask: () => Promise<T>,
  isRight: (answer: T) => boolean,
  withinMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (isRight(answer) || Date.now() > deadline) return answer
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

import assert from 'node:assert/strict'
import type { NodeStatus, PeerView } from '#node/api/node-api.ts'
import type { Sighting } from '#node/judgement/sighting.ts'
import { eventually } from '#test/support/eventually.ts'
import type { VirtualAzure } from './virtual-azure.ts'

/** What kadlab-rollout tells of itself. */
export interface Rollout {
  state: string
  detail: string
  running: string
  wanted: string
}

/** What kadlab-health prints. */
export interface Health {
  healthy: boolean
  rollout: Rollout | null
  node: { ready: boolean; waitingFor: string[] } | null
}

/** The nodes of a virtual Azure, asked as an operator would: on the machine's loopback. */
export class Cluster {
  readonly #azure: VirtualAzure

  constructor(azure: VirtualAzure) {
    this.#azure = azure
  }

  async #curl(node: string, path: string, ...more: string[]): Promise<string> {
    const url = `http://127.0.0.1:8080${path}`
    return this.#azure.inMachine(node, 'curl', '-sSf', '--max-time', '10', ...more, url)
  }

  async status(node: string): Promise<NodeStatus> {
    return JSON.parse(await this.#curl(node, '/v1/status')) as NodeStatus
  }

  async peers(node: string): Promise<PeerView[]> {
    return JSON.parse(await this.#curl(node, '/v1/peers')) as PeerView[]
  }

  async sightings(node: string): Promise<Sighting[]> {
    return JSON.parse(await this.#curl(node, '/v1/discovery')) as Sighting[]
  }

  async put(node: string, key: string, value: string): Promise<void> {
    await this.#curl(node, `/v1/keys/${key}`, '-X', 'PUT', '--data-binary', value)
  }

  async get(node: string, key: string): Promise<string> {
    return this.#curl(node, `/v1/keys/${key}`)
  }

  async rollout(node: string): Promise<Rollout> {
    return JSON.parse(await this.#azure.read(node, 'var/lib/kadlab/rollout.json')) as Rollout
  }

  /** What an operator reads on the machine. */
  async health(node: string): Promise<Health> {
    return JSON.parse(await this.#azure.onMachine(node, '/usr/local/sbin/kadlab-health')) as Health
  }

  /** Process id of the node's program within its machine: another one after each start. */
  async process(node: string): Promise<string> {
    return this.#azure.read(node, 'run/docker-stand-in/kadlab.pid')
  }

  /** Log entries of the node's program, all starts together. */
  async log(node: string): Promise<{ time: string; msg: string }[]> {
    const text = await this.#azure.read(node, 'var/log/kadlab.service.log')
    return text.split('\n').flatMap((line) => {
      try {
        return line.startsWith('{') ? [JSON.parse(line) as { time: string; msg: string }] : []
      } catch {
        return []
      }
    })
  }

  /** Resolves once each of the nodes lists all others. */
  async listsItself(nodes: readonly string[], timeoutMs = 90_000): Promise<void> {
    await eventually(
      async () => {
        const ids = await Promise.all(nodes.map(async (node) => (await this.status(node)).peerId))
        for (const [index, node] of nodes.entries()) {
          const listed = (await this.peers(node)).filter((peer) => peer.listed)
          const others = ids.filter((_, other) => other !== index)
          const missing = others.filter((id) => !listed.some((peer) => peer.peerId === id))
          assert.deepEqual(missing, [], `${node} does not list all others`)
        }
      },
      { timeoutMs },
    )
  }

  /** Resolves once each node runs the release that is meant for it, is ready, and says so. */
  async isAtRest(releases: Readonly<Record<string, string>>, timeoutMs = 120_000): Promise<void> {
    await eventually(
      async () => {
        for (const [node, release] of Object.entries(releases)) {
          const { state, detail, running } = await this.rollout(node)
          assert.equal(`${state} ${running}`, `running ${release}`, `${node}: ${state}: ${detail}`)
        }
      },
      { timeoutMs },
    )
  }
}

import type { NodeApi } from '#node/api/node-api.ts'
import { KadlabError } from '#node/base/errors.ts'
import type { NodeEventBody } from '#node/events/node-event.ts'
import type { Sighting } from '#node/judgement/sighting.ts'
import { systemClock } from '#node/time/clock.ts'
import { untilAborted } from '#node/time/until-aborted.ts'
import type { Fabric, FabricEvent, Lab, LabNode } from '#orchestrator/fabric/fabric.ts'
import type { NodePlan, Plan } from '#orchestrator/plan/plan-type.ts'
import type { NatProof } from '#orchestrator/proof/nat-proof.ts'
import type { RunComponents } from '#orchestrator/run/run.ts'
import type { FabricName } from '#orchestrator/scenario/fabrics.ts'

/** What a test wants the fake to do otherwise. */
export interface FakeFabricOptions {
  name?: FabricName
  /** How a target stands at an observer; default: as a kadlab node behind its NAT would. */
  judge?: (observer: NodePlan, target: NodePlan) => Partial<Sighting>
  taken?: () => string[]
  onStart?: (plan: Plan) => void | Promise<void>
  /** Whether nodes can be made ready while others stand in their places. Default false. */
  startsAhead?: boolean
  onStartNode?: (node: NodePlan, signal: AbortSignal | undefined) => void | Promise<void>
}

/** A fabric without networks: nodes that join their bootstrap nodes, judge each other and share records at once. */
export interface FakeFabric extends Fabric {
  /** What was done, in order. */
  readonly calls: string[]
  /** Labs and nodes that are up. */
  readonly up: Set<string>
}

class StoreError extends KadlabError {
  static override readonly name = 'StoreError'
}

export function createFakeFabric(options: FakeFabricOptions = {}): FakeFabric {
  const calls: string[] = []
  const up = new Set<string>()
  const judge = options.judge ?? judgeAsKadlab
  let labs = 0

  function startLab(plan: Plan, onEvent: (event: FabricEvent) => void): Lab {
    const id = `fake-${++labs}`
    up.add(id)
    const running = new Map<string, NodePlan>()
    const records = new Map<string, Uint8Array>()
    let kept = false

    function tell(node: string, body: NodeEventBody): void {
      onEvent({ type: 'node-event', node, event: { ...body, seq: 1, ms: 1 } })
    }

    function meet(one: NodePlan, other: NodePlan): void {
      for (const [observer, target] of [
        [one, other],
        [other, one],
      ] as const) {
        const direction = observer === one ? 'outbound' : 'inbound'
        const address = `/ip4/${target.publicAddress}/tcp/3000`
        tell(observer.name, { event: 'connected', peer: target.peerId, direction, address })
        const { rung, cause, evidence, remedy, listed } = sightingOf(observer, target)
        if (listed === true)
          tell(observer.name, { event: 'listed', peer: target.peerId, addresses: [address] })
        tell(observer.name, {
          event: 'sighting',
          peer: target.peerId,
          rung,
          cause,
          evidence,
          remedy,
        })
      }
    }

    function sightingOf(observer: NodePlan, target: NodePlan): Sighting {
      const joined = running.has(observer.name) && running.has(target.name)
      return {
        peerId: target.peerId,
        rung: 'unknown',
        connected: false,
        listed: false,
        dialable: null,
        announced: null,
        cause: 'NEVER_DIALLED',
        evidence: null,
        remedy: null,
        ...(joined ? judge(observer, target) : {}),
      }
    }

    function apiOf(node: NodePlan): NodeApi {
      const peers = (): NodePlan[] => [...running.values()].filter(({ name }) => name !== node.name)
      return {
        status: () =>
          Promise.resolve({
            peerId: node.peerId,
            agent: 'fake',
            mode: 'server',
            protocol: '/ipfs/kad/1.0.0',
            scope: 'public',
            listening: [],
            announced: [`/ip4/${node.settings['PUBLIC_IP'] ?? node.address}/tcp/3000`],
            connections: peers().length,
            listed: 0,
            joined: true,
            ready: true,
            waitingFor: [],
            uptimeMs: 1,
            residentBytes: 1,
          }),
        peers: () => Promise.resolve([]),
        discovery: ({ targets = [] } = {}) =>
          Promise.resolve(
            targets.flatMap((peerId) => {
              const target = plan.variants
                .flatMap(({ nodes }) => nodes)
                .find((other) => other.peerId === peerId)
              const running = peers().find((other) => other.peerId === peerId) ?? target
              return running === undefined ? [] : [sightingOf(node, running)]
            }),
          ),
        put(key, value) {
          if (peers().length === 0) return Promise.reject(new StoreError('no peer stored it'))
          records.set(key, value)
          for (const peer of peers()) tell(peer.name, { event: 'stored', key, from: node.peerId })
          const holders = peers().map(({ peerId }) => peerId)
          return Promise.resolve({ copies: holders.length, holders, version: null })
        },
        get(key) {
          const value = records.get(key)
          const plain = { from: null, version: null, writer: null, agreed: 1 }
          return Promise.resolve(value === undefined ? null : { value, ...plain })
        },
        list: () => Promise.resolve({ keys: [], next: null }),
        delete: () => Promise.reject(new KadlabError('not built')),
        provide: () => Promise.resolve({ told: peers().length }),
        providers: () => Promise.resolve(peers().map(({ peerId }) => peerId)),
        dial: (address) =>
          Promise.resolve({ address, ok: true, kind: null, error: null, durationMs: 1 }),
        ping: () => Promise.resolve({ roundTripMs: 1 }),
        async *watch() {},
        async *events() {},
      }
    }

    const lab: Lab = {
      id,
      async startNode(node, { signal, when } = {}): Promise<LabNode> {
        await when
        calls.push(`start ${node.name}`)
        await options.onStartNode?.(node, signal)
        signal?.throwIfAborted()
        const label = `${id}/${node.name}`
        up.add(label)
        running.set(node.name, node)
        tell(node.name, { event: 'start', peer: node.peerId, agent: 'fake' })
        for (const other of running.values()) {
          if (node.env['BOOTSTRAP']?.includes(other.peerId) === true) meet(node, other)
          if (other.env['BOOTSTRAP']?.includes(node.peerId) === true) meet(other, node)
        }
        async function stop(): Promise<void> {
          if (!up.delete(label)) return
          calls.push(`stop ${node.name}`)
          running.delete(node.name)
          await Promise.resolve()
        }
        return {
          name: node.name,
          kill: stop,
          async pause() {
            calls.push(`pause ${node.name}`)
          },
          async resume() {
            calls.push(`resume ${node.name}`)
          },
          api: apiOf(node),
          startedAtMs: 0,
          listeningAtMs: 12,
          stop,
          log: () => '',
          [Symbol.asyncDispose]: stop,
        }
      },
      ...(options.startsAhead === true && {
        startAhead: async (node: NodePlan, { when, signal }) => {
          calls.push(`ready ${node.name}`)
          await untilAborted(signal, when)
          return lab.startNode(node, { signal })
        },
      }),
      startAgent: () => Promise.reject(new KadlabError('the fake has no agents')),
      flushNat(router) {
        calls.push(`flush ${router ?? 'all'}`)
        return Promise.resolve()
      },
      async changeRouter({ name }) {
        calls.push(`change ${name}`)
      },
      async block(blocks) {
        calls.push(`block ${blocks.map(({ from, to }) => `${from}>${to}`).join(' ')}`)
      },
      async shape(network) {
        calls.push(`shape ${network}`)
      },
      routerState: (router) => Promise.resolve({ 'ruleset.nft': `# ${router}\n` }),
      keep() {
        kept = true
        return Promise.resolve(`lab ${id} is kept`)
      },
      stop() {
        if (up.delete(id)) calls.push(`down ${id}`)
        return Promise.resolve()
      },
      async [Symbol.asyncDispose]() {
        if (!kept) await lab.stop()
      },
    }
    return lab
  }

  return {
    name: options.name ?? 'sim',
    calls,
    up,
    probe: () => Promise.resolve({ available: true, detail: 'a fake', engine: null }),
    withClock: (_seed, body) => body(systemClock),
    takenSubnets: () => Promise.resolve(options.taken?.() ?? []),
    async start(plan, { onEvent }) {
      await options.onStart?.(plan)
      calls.push(`up ${plan.networks.map(({ subnet }) => subnet).join(' ')}`)
      return startLab(plan, onEvent)
    },
    clean: () => Promise.resolve([]),
  }
}

/** Proofs as a probe would give them of routers that are what they say. */
export function provenRouters(plan: Plan): NatProof[] {
  return plan.routers.flatMap(({ name, preset, nat }) =>
    (['tcp', 'udp'] as const).map((protocol) => ({
      router: name,
      preset,
      protocol,
      mapping: nat.mapping,
      filtering: nat.filtering,
      hairpin: nat.hairpin,
      portPreservation: nat.ports === 'preserve',
      holds: true,
      differences: [],
    })),
  )
}

/** A probe that finds every router to be what it says. */
export const proveAll: RunComponents['proveRouters'] = (_lab, plan, { onProof }) => {
  for (const proof of provenRouters(plan)) onProof(proof)
  return Promise.resolve()
}

/** As the ladder would: what was dialled is listed, else what announces a public address as a server. */
export function judgeAsKadlab(observer: NodePlan, target: NodePlan): Partial<Sighting> {
  const announced = [`/ip4/${target.settings['PUBLIC_IP'] ?? target.address}/tcp/3000`]
  const top = {
    rung: 'dialable',
    connected: true,
    listed: true,
    dialable: true,
    cause: null,
  } as const
  const low = { connected: true, listed: false, dialable: null, announced } as const
  if (observer.env['BOOTSTRAP']?.includes(target.peerId) === true) return { ...top, announced }
  if (target.settings['KAD_MODE'] === 'client') {
    return {
      ...low,
      rung: 'identified',
      cause: 'CLIENT_MODE',
      evidence: {
        announced,
        protocols: ['/ipfs/id/1.0.0', '/ipfs/ping/1.0.0'],
        expectedProtocol: '/ipfs/kad/1.0.0',
      },
      remedy: {
        on: 'target',
        set: 'KAD_MODE=server',
        text: `set KAD_MODE=server on ${target.name}`,
      },
    }
  }
  if (target.settings['PUBLIC_IP'] !== undefined) return { ...top, announced }
  return {
    ...low,
    rung: 'speaks-kademlia',
    cause: 'ONLY_PRIVATE_ADDRESSES',
    evidence: {
      announced: [`/ip4/127.0.0.1/tcp/3000`, ...announced],
      scope: 'public',
      kept: [],
      remoteAddress: `/ip4/${target.publicAddress}/tcp/41234`,
    },
    remedy: {
      on: 'target',
      set: `PUBLIC_IP=${target.publicAddress}`,
      text: `announce the public address of ${target.name}`,
    },
  }
}

import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import Docker from 'dockerode'
import type { Diagnosis } from '#node/doctor/diagnosis.ts'
import { createDockerFabric } from '#orchestrator/fabric/docker/docker-fabric.ts'
import { connectEngine } from '#orchestrator/fabric/docker/engine.ts'
import { ensureImage } from '#orchestrator/fabric/docker/image.ts'
import type { Lab } from '#orchestrator/fabric/fabric.ts'
import type { NodePlan, Plan } from '#orchestrator/plan/plan-type.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { readScenario } from '#orchestrator/scenario/load.ts'

const docker = new Docker()

/** Peers of each implementation behind 1:1 NAT, of which only one says its public address. */
const SCENARIO = `
name: patients
title: peers for the doctor
sites:
  k: { nat: one-to-one }
  g: { nat: one-to-one }
  r: { nat: one-to-one }
nodes:
  K: { site: k }
  G: { site: g, program: go-kv }
  R: { site: r, program: rust-kv, env: { PUBLIC_IP: '{public}' } }
`

describe('the doctor in a lab', { timeout: 900_000 }, () => {
  let lab: Lab
  let plan: Plan
  let image = ''
  before(async () => {
    const fabric = createDockerFabric()
    const { scenario } = readScenario(SCENARIO, 'patients.yaml')
    const [planned] = planScenario(scenario, { seed: 1, taken: await fabric.takenSubnets() })
    assert.ok(planned)
    plan = planned
    lab = await fabric.start(plan, { onEvent: () => {} })
    const engine = await connectEngine({ env: process.env })
    const root = resolve(import.meta.dirname, '../..')
    image = await ensureImage(engine, {
      root,
      target: 'node',
      env: process.env,
      onProgress: () => {},
    })
    await Promise.all((plan.variants[0]?.nodes ?? []).map(async (node) => lab.startNode(node)))
  })
  after(async () => lab.stop())

  function nodeNamed(name: string): NodePlan {
    const node = plan.variants[0]?.nodes.find((each) => each.name === name)
    assert.ok(node)
    return node
  }

  /** Runs `docker run <image> doctor ...` on the lab's internet, which has no way out. */
  async function seeDoctor(...words: string[]): Promise<{ status: number; output: string }> {
    const internet = plan.networks[0]
    const networks = await docker.listNetworks({ filters: { label: [`kadlab.lab=${lab.id}`] } })
    const network = networks.find(({ IPAM }) => IPAM?.Config?.[0]?.Subnet === internet?.subnet)
    assert.ok(network && internet)
    const container = await docker.createContainer({
      Image: image,
      Cmd: ['doctor', ...words],
      Labels: { 'kadlab.lab': lab.id },
      Healthcheck: { Test: ['NONE'] },
      HostConfig: { NetworkMode: network.Name },
    })
    try {
      const stream = await container.attach({ stream: true, stdout: true, stderr: true })
      const output = new PassThrough()
      container.modem.demuxStream(stream, output, output)
      stream.once('end', () => output.end())
      const [, said] = await Promise.all([container.start(), text(output)])
      const { StatusCode } = (await container.wait()) as { StatusCode: number }
      return { status: StatusCode, output: said }
    } finally {
      await container.remove({ force: true })
    }
  }

  const diagnose = async (name: string): Promise<{ status: number; diagnosis: Diagnosis }> => {
    const { publicAddress, peerId } = nodeNamed(name)
    const address = `/ip4/${publicAddress}/tcp/3000/p2p/${peerId}`
    const { status, output } = await seeDoctor(address, '--json')
    return { status, diagnosis: JSON.parse(output) as Diagnosis }
  }

  it('finds a kadlab node that announces its private address alone ill, and says what to set', async () => {
    const { status, diagnosis } = await diagnose('K')
    assert.equal(status, 1)
    assert.equal(diagnosis.implementation, 'kadlab')
    assert.equal(diagnosis.sighting.cause, 'ONLY_PRIVATE_ADDRESSES')
    assert.equal(diagnosis.sighting.remedy?.set, `PUBLIC_IP=${nodeNamed('K').publicAddress}`)
  })

  it("tells go-libp2p's remedy in its own words", async () => {
    const { status, diagnosis } = await diagnose('G')
    assert.equal(status, 1)
    assert.equal(diagnosis.implementation, 'go')
    assert.match(diagnosis.sighting.remedy?.text ?? '', /libp2p\.AddrsFactory/)
    assert.ok(diagnosis.announced?.every(({ reach, dial }) => reach !== 'public' && dial === null))
  })

  it('finds a rust-libp2p peer with an external address healthy', async () => {
    const { status, diagnosis } = await diagnose('R')
    assert.equal(diagnosis.implementation, 'rust')
    assert.equal(diagnosis.sighting.rung, 'dialable', JSON.stringify(diagnosis, null, 1))
    assert.equal(status, 0)
  })

  it('tells people what it found', async () => {
    const { output } = await seeDoctor(`/ip4/${nodeNamed('K').publicAddress}/tcp/3000`)
    assert.match(output, /rung +speaks-kademlia, ONLY_PRIVATE_ADDRESSES/)
    assert.match(output, /not healthy/)
  })
})

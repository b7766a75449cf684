import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { isLeftover, type LabRemains } from '#orchestrator/fabric/docker/clean.ts'
import { labelsOf, readIdentity } from '#orchestrator/fabric/docker/labels.ts'
import {
  currentOwner,
  type Owner,
  ownerState,
  type ProcessTable,
  systemProcesses,
} from '#orchestrator/fabric/docker/owner.ts'

const OWNER: Owner = {
  host: 'here',
  machine: 'm',
  pidNamespace: 'n',
  boot: 'today',
  pid: 42,
  started: '1000',
}

function table(
  started: string | null,
  { host = 'here', machine = 'm', pidNamespace = 'n', boot = 'today' } = {},
): ProcessTable {
  return {
    host,
    machine: async () => machine,
    pidNamespace: async () => pidNamespace,
    boot: async () => boot,
    started: async () => started,
  }
}

describe('the owner of a lab', () => {
  it('is alive while its process runs', async () => {
    assert.equal(await ownerState(OWNER, table('1000')), 'alive')
  })

  it('is gone once there is no such process', async () => {
    assert.equal(await ownerState(OWNER, table(null)), 'gone')
  })

  it('is gone where another process has its number', async () => {
    assert.equal(await ownerState(OWNER, table('2000')), 'gone')
  })

  it('is gone where the machine was started anew', async () => {
    assert.equal(await ownerState(OWNER, table('1000', { boot: 'tomorrow' })), 'gone')
  })

  it('is unknown where it ran on another machine', async () => {
    assert.equal(await ownerState(OWNER, table(null, { host: 'there' })), 'unknown')
    // Machines may have one name, and each has a start of its own.
    const twin = table(null, { machine: 'other', boot: 'tomorrow' })
    assert.equal(await ownerState(OWNER, twin), 'unknown')
  })

  it('is unknown where it ran in another container: its number means another process there', async () => {
    assert.equal(await ownerState(OWNER, table(null, { pidNamespace: 'other' })), 'unknown')
    assert.equal(await ownerState(OWNER, table('1000', { pidNamespace: 'other' })), 'unknown')
  })

  it('is this process, as long as it lives', async () => {
    assert.equal(await ownerState(await currentOwner()), 'alive')
  })

  it('is gone when a real process has ended', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'])
    await once(child, 'spawn')
    assert.ok(child.pid !== undefined)
    const started = (await systemProcesses.started(child.pid)) ?? ''
    const owner = { ...(await currentOwner()), pid: child.pid, started }
    assert.equal(await ownerState(owner), 'alive')
    child.stdin.end()
    await once(child, 'exit')
    assert.equal(await ownerState(owner), 'gone')
  })
})

describe('labels', () => {
  it('tell the whole identity of a lab', () => {
    const lab = { id: 'abcd', scenario: 'two-clouds', owner: OWNER }
    assert.deepEqual(readIdentity(labelsOf(lab, 'node', 'A')), lab)
  })

  it('of others are none of ours', () => {
    assert.equal(readIdentity({ 'com.docker.compose.project': 'x' }), null)
  })
})

function remains(kept: boolean): LabRemains {
  const identity = { id: 'abcd', scenario: 's', owner: OWNER }
  return { identity, containers: [], networks: [], volumes: [], kept }
}

describe('clean', () => {
  it('takes what a killed run left', () => {
    assert.equal(isLeftover(remains(false), 'gone', false), true)
  })

  it('never takes a lab that still runs', () => {
    for (const kept of [false, true]) {
      for (const all of [false, true]) {
        assert.equal(isLeftover(remains(kept), 'alive', all), false)
      }
    }
  })

  it('takes a kept lab only where it is asked for', () => {
    assert.equal(isLeftover(remains(true), 'gone', false), false)
    assert.equal(isLeftover(remains(true), 'gone', true), true)
  })

  it('takes a lab of another machine only where everything is asked for', () => {
    assert.equal(isLeftover(remains(false), 'unknown', false), false)
    assert.equal(isLeftover(remains(false), 'unknown', true), true)
  })
})

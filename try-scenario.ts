import { loadScenario } from '#orchestrator/scenario/load.ts'
import { planScenario } from '#orchestrator/topology/plan.ts'
import { runScenario } from '#orchestrator/scenario/run.ts'
import { proveRouters } from '#orchestrator/proof/prove.ts'
import { systemClock } from '#node/clock.ts'
const [, , name = '', fabricName = 'docker', ...variants] = process.argv
const fabric = fabricName === 'docker'
  ? (await import('#orchestrator/fabric/docker/docker-fabric.ts')).createDockerFabric()
  : (await import('#orchestrator/fabric/sim/sim-fabric.ts')).createSimFabric()
const { scenario } = await loadScenario(`orchestrator/scenarios/${name}.yaml`)
const out = await runScenario(
  { fabric, clock: systemClock, proveRouters: (lab, plan, o) => process.env['NOPROOF'] ? Promise.resolve([]) : proveRouters(lab, plan, o) },
  { scenario: name, title: scenario.title, seed: 1, fabricDetail: '', versions: {}, keep: false, signal: AbortSignal.timeout(120000),
    plan: (taken) => planScenario(scenario, { seed: 1, taken, ...(variants.length ? { variants } : {}) }),
    onEvent: (e) => {
      if (e.type === 'node-log' && !process.env['LOGS']) return
      if (e.type === 'node-event' && !process.env['EVENTS']) return
      if (e.type === 'plan') return
      if (e.type === 'cells') { for (const c of e.cells) console.log(e.atMs|0, 'cell', c.observer, c.target, c.rung, c.listed, c.dialable, c.cause, JSON.stringify(c.evidence)?.slice(0,300), JSON.stringify(c.remedy)); return }
      if (e.type === 'expectation') { console.log(e.atMs|0, e.variant, e.result.holds, e.result.text, '|', e.result.seen, e.result.afterMs|0); return }
      console.log(e.atMs|0, e.type, JSON.stringify(e).slice(0, 250))
    } })
console.log(out.holds)

import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { createStyle, wantsColors } from '#node/view/style.ts'
import { findScenario } from '#orchestrator/catalogue/catalogue.ts'
import { createTerminalReport } from '#orchestrator/report/terminal.ts'
import type { RunEvent } from '#orchestrator/run/events.ts'
import { eventsOf } from '#test/support/run-events.ts'
import { scenarioOf } from '#test/support/scenario-text.ts'

const GOLDEN = join(import.meta.dirname, 'golden')

function printed(
  events: RunEvent[],
  options: { live?: boolean; colors?: boolean; columns?: number } = {},
): string {
  const { live = false, colors = false, columns = 88 } = options
  let text = ''
  const onEvent = createTerminalReport({
    write: (piece) => (text += piece),
    live,
    columns,
    style: createStyle(colors),
    now: () => 0,
  })
  for (const event of events) onEvent(event)
  return text
}

/** Times vary: every one of them becomes `# ms`. */
function withoutTimes(text: string): string {
  return text.replaceAll(/ *\d+(\.\d+)? m?s\b/g, ' # ms')
}

/** Compares with a checked-in text; UPDATE_GOLDEN=yes writes it anew, to be read before it is committed. */
async function assertGolden(name: string, text: string): Promise<void> {
  const path = join(GOLDEN, `${name}.txt`)
  if (process.env['UPDATE_GOLDEN'] === 'yes') await writeFile(path, text)
  assert.equal(text, await readFile(path, 'utf8'))
}

const natTwoNodes = await eventsOf((await findScenario('nat-two-nodes')).scenario)

const RED = `
name: red
title: an expectation that does not come true
sites: { home: { nat: cgnat }, open: { nat: public } }
nodes:
  A: { site: open }
  B: { site: home, bootstrap: [A] }
  C: { site: home, bootstrap: [A] }
steps:
  - expect: [{ observer: A, lists: B, within: 20ms }]
`

describe('the terminal report', () => {
  it('names a node that runs and did not answer', () => {
    const frozen = natTwoNodes.map((event) =>
      event.type === 'variant-end' && event.variant === 'bug'
        ? { ...event, announced: { ...event.announced, B: null } }
        : event,
    )
    assert.match(
      printed(frozen),
      /\n {2}B did not answer: it runs and hangs, or something has stopped it\n/,
    )
    assert.doesNotMatch(printed(natTwoNodes), /did not answer/)
  })

  it('shows what was done between the expectations, each step once', async () => {
    const events = await eventsOf(
      scenarioOf(`
name: steps
title: steps
sites: { a: { nat: one-to-one } }
nodes: { A: { site: a }, B: { site: a, bootstrap: [A] } }
steps:
  - { restart: A }
  - { flush-nat: a }
  - { node: A, put: k, value: v }
`),
    )
    const text = printed(events)
    const lines = text.split('\n').filter((line) => /restart A|flush NAT|puts k/.test(line))
    assert.deepEqual(
      lines.map((line) => line.replace(/ +\d.*$/, '')),
      ['  ▸ restart A', '  ▸ flush NAT mappings of a-router', '  ✔ A puts k'],
    )
  })

  it('shows a whole run: topology, proofs, matrix, causes, variants side by side, verdict', async () => {
    await assertGolden('nat-two-nodes', withoutTimes(printed(natTwoNodes)))
  })

  it('shows what was expected and seen of a run that does not hold', async () => {
    await assertGolden('red', withoutTimes(printed(await eventsOf(scenarioOf(RED)))))
  })

  it('says the same in colours as without', () => {
    const colored = printed(natTwoNodes, { colors: true })
    assert.notEqual(colored, printed(natTwoNodes))
    assert.equal(stripVTControlCharacters(colored), printed(natTwoNodes))
  })

  it('takes every passing line of a terminal away again', () => {
    const live = printed(natTwoNodes, { live: true })
    assert.ok(live.includes('\r\u001B[2K'))
    assert.equal(
      live
        .split('\n')
        .map((line) => line.split('\r\u001B[2K').at(-1))
        .join('\n'),
      printed(natTwoNodes),
    )
  })

  it('keeps its lines within the width of the terminal', async () => {
    for (const columns of [80, 88, 200]) {
      const lines = printed(natTwoNodes, { columns }).split('\n')
      const longest = Math.max(...lines.map((line) => line.length))
      assert.ok(longest <= Math.min(columns, 120), `${longest} characters in ${columns} columns`)
    }
  })

  it('shows rungs as numbers where there are too many nodes for words', async () => {
    const names = Array.from({ length: 9 }, (_, index) => `N${index}`)
    const scenario = scenarioOf(`
name: many
title: many
sites: { open: { nat: public } }
nodes:
${names.map((name) => `  ${name}: { site: open, bootstrap: [${name === 'N0' ? 'N1' : 'N0'}] }`).join('\n')}
`)
    const text = printed(await eventsOf(scenario))
    assert.match(text, /^  observer ╲ target  N0  N1  N2/m)
    assert.match(text, /^  0 unknown, 1 connected, .* 6 dialable$/m)
  })
})

describe('colours', () => {
  it('are for terminals, never with NO_COLOR, always with FORCE_COLOR', () => {
    assert.equal(wantsColors(true, {}), true)
    assert.equal(wantsColors(false, {}), false)
    assert.equal(wantsColors(true, { NO_COLOR: '1' }), false)
    assert.equal(wantsColors(true, { NO_COLOR: '1', FORCE_COLOR: '1' }), false)
    assert.equal(wantsColors(false, { FORCE_COLOR: '1' }), true)
    assert.equal(wantsColors(true, { TERM: 'dumb' }), false)
  })

  it('shows a crowd in numbers, in lines that fit', async () => {
    const events = await eventsOf((await findScenario('many-homes')).scenario)
    const text = withoutTimes(printed(events, { columns: 84 }))
    await assertGolden('crowd', text)
    const long = text.split('\n').filter((line) => line.length > 84)
    assert.deepEqual(long, [])
  })
})

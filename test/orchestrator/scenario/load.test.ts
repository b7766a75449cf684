import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { loadScenario } from '#orchestrator/catalogue/load-file.ts'
import { planLoaded } from '#orchestrator/plan/plan-loaded.ts'
import type { Plan } from '#orchestrator/plan/plan-type.ts'
import { ScenarioError } from '#orchestrator/scenario/errors.ts'
import { readScenario } from '#orchestrator/scenario/load.ts'

const GOOD = `name: good
title: two nodes
internet: 11.0.0.0/24
sites:
  a: { nat: one-to-one, subnet: 10.1.0.0/24, public: 11.0.0.11 }
  b: { nat: symmetric }
nodes:
  A: { site: a, address: 10.1.0.10 }
  B: { site: b, bootstrap: [A] }
  C: { site: b, autostart: false }
steps:
  - { node: B, put: key, value: text }
  - expect:
      - { observer: B, lists: A, within: 2s }
variants:
  one: {}
  two: { nodes: { B: { env: { KAD_MODE: client } } } }
`

/** Changes of the good file, with § where the fault is told, and what is told there. */
const FAULTS: [what: string, from: string, to: string, message: RegExp][] = [
  ['a tab in the YAML', 'name: good', 'name:\tgood\n§\tx: 1', /[Tt]ab/],
  ['a key twice', 'title: two nodes', 'title: x\n§title: y', /unique/],
  [
    'a second scenario in one file',
    '  two: {',
    '§---\n  two: {',
    /expected one scenario in a file, saw a second one/,
  ],
  [
    'an alias of nothing',
    'A: { site: a, address: 10.1.0.10 }',
    'A: &one { site: a, address: 10.1.0.10 }\n  D: §*noe',
    /expected an alias of an anchor above it \(&name\), saw \*noe; there are one; did you mean 'one'/,
  ],
  [
    'an alias before its anchor',
    'B: { site: b, bootstrap: [A] }',
    'B: §*c\n  D: &c { site: b }',
    /saw \*c; there is none/,
  ],
  [
    'an alias inside what it stands for',
    'one: {}',
    'one: &one { nodes: §*one }',
    /saw \*one inside what &one names/,
  ],
  [
    'aliases that multiply each other',
    'variants:\n',
    `x: &x [${'l, '.repeat(12)}]\ny: &y [${'*x, '.repeat(12)}]\nz: [${'*y, '.repeat(11)}§*y]\nvariants:\n`,
    /expected aliases that stand for little/,
  ],
  ['an unknown key', 'title:', '§titel:', /'titel' is no key.*did you mean 'title'/],
  [
    'a key that is missing',
    'name: good\ntitle: two nodes\n',
    '§name: good\n',
    /expected 'title', which is missing/,
  ],
  [
    'a preset that does not exist',
    'nat: symmetric',
    'nat: §symetric',
    /saw 'symetric'; did you mean 'symmetric'/,
  ],
  [
    'a preset that does not exist, with overrides',
    'nat: symmetric',
    'nat: { preset: §foo }',
    /expected public, one-to-one, .* saw 'foo'/,
  ],
  [
    'an override that the preset has not',
    'nat: symmetric',
    'nat: { preset: symmetric, §allow: [tcp/80] }',
    /'allow' is the security group/,
  ],
  [
    'a forward to nobody',
    'nat: symmetric',
    'nat: { preset: symmetric, forwards: [{ port: tcp/80, to: §A }] }',
    /expected a node of site b \(B, C\), saw A/,
  ],
  [
    'a network with bits behind its prefix',
    '10.1.0.0/24',
    '§10.1.0.7/24',
    /expected an IPv4 network/,
  ],
  [
    'a network that hosts cannot have',
    '10.1.0.0/24',
    '§127.1.0.0/16',
    /expected a network that hosts can have, outside 127\.0\.0\.0\/8/,
  ],
  ['a multicast network', '10.1.0.0/24', '§239.1.0.0/16', /outside 224\.0\.0\.0\/4/],
  [
    'a node with the name of a router',
    '  C: { site: b,',
    '  §a-router: { site: b,',
    /expected a name of its own, saw 'a-router', which is that of the router of the site 'a'/,
  ],
  [
    'a node with the name of a carrier',
    '  C: { site: b,',
    '  §b-carrier-router: { site: b,',
    /which is that of the carrier's router of the site 'b'/,
  ],
  [
    'no variant',
    'variants:\n  one: {}\n  two: { nodes: { B: { env: { KAD_MODE: client } } } }\n',
    '§variants: {}\n',
    /expected at least one variant/,
  ],
  [
    'a link that nothing crosses',
    'b: { nat: symmetric }',
    'b: { nat: symmetric, link: { loss: §100% } }',
    /less than 100%: nothing would cross the link/,
  ],
  [
    'a link without any rate',
    'b: { nat: symmetric }',
    'b: { nat: symmetric, link: { rate: §0kbit } }',
    /a rate above 0/,
  ],
  ['a time beyond what timers take', 'within: 2s', 'within: §30d', /a time of at most 24d/],
  [
    'a mapping that lives for no time',
    'nat: symmetric',
    'nat: { preset: symmetric, §timeouts: { udp: 0s } }',
    /'udp' to be more than 0/,
  ],
  [
    'a variable that the lab sets',
    'KAD_MODE: client',
    "§STDIO_API: 'no'",
    /expected no STDIO_API, which the lab sets/,
  ],
  [
    'a secret of an API that a lab does not open',
    'KAD_MODE: client',
    "§API_TOKEN: 'a-token-of-sixteen'",
    /expected no API_TOKEN, which the lab sets/,
  ],
  [
    'an announced address of no host',
    'KAD_MODE: client',
    'ANNOUNCE: §/ip4/0.0.0.0/tcp/3000',
    /saw '\/ip4\/0\.0\.0\.0\/tcp\/3000'/,
  ],
  [
    'lists in lists without end',
    'title: two nodes',
    `title: ${'['.repeat(100)}§${'['.repeat(3000)}`,
    /expected at most 100 levels/,
  ],
  ['a network without room', '10.1.0.0/24', '§10.1.0.0/30', /expected a network from \/8 to \/29/],
  ['a site that overlaps the internet', '10.1.0.0/24', '§11.0.0.0/16', /overlaps the internet/],
  [
    'an address outside its subnet',
    'address: 10.1.0.10',
    'address: §10.9.0.10',
    /expected an address of network a \(10\.1\.0\.0\/24\), saw 10\.9\.0\.10/,
  ],
  [
    'an address that is the gateway',
    'address: 10.1.0.10',
    'address: §10.1.0.1',
    /it is the gateway's/,
  ],
  [
    'a public address outside the internet',
    'public: 11.0.0.11',
    'public: §12.0.0.11',
    /expected an address of the internet/,
  ],
  [
    'one address for two nodes',
    'C: { site: b,',
    'C: { site: a, address: §10.1.0.10,',
    /it is node A's/,
  ],
  [
    'a site that does not exist',
    'B: { site: b,',
    'B: { site: §bb,',
    /no site is called 'bb'; there are a, b; did you mean 'b'/,
  ],
  [
    'a site where nobody stands',
    'nodes:\n',
    '  §c: { nat: public }\nnodes:\n',
    /no node stands in site c/,
  ],
  [
    'a bootstrap that names no node',
    'bootstrap: [A]',
    'bootstrap: [§D]',
    /no node is called 'D'; there are A, B, C/,
  ],
  [
    'a node that joins through itself',
    'bootstrap: [A]',
    'bootstrap: [§B]',
    /B cannot join through itself/,
  ],
  [
    'an unknown variable',
    'KAD_MODE',
    '§KADMODE',
    /kadlab reads no variable KADMODE; did you mean 'KAD_MODE'/,
  ],
  [
    'a value that the variable does not take',
    'KAD_MODE: client',
    'KAD_MODE: §servant',
    /expected .*client.*, saw 'servant'/,
  ],
  [
    'a template that names nothing',
    'KAD_MODE: client',
    "PUBLIC_IP: §'{publik}'",
    /saw \{publik\}; did you mean 'public'/,
  ],
  [
    'a template of a node that does not exist',
    'KAD_MODE: client',
    "PUBLIC_IP: §'{Z.public}'",
    /names no node: nodes are A, B, C/,
  ],
  [
    'a program that does not exist',
    'site: b, bootstrap',
    'site: b, program: §rust, bootstrap',
    /saw 'rust'; did you mean 'rust-kv'/,
  ],
  [
    'a step that does not exist',
    '{ node: B, put: key',
    '§{ node: B, putt: key',
    /expected one of .*, put, .*; did you mean 'put'/,
  ],
  [
    'a step on a node that does not exist',
    'node: B, put',
    'node: §Z, put',
    /no node is called 'Z'/,
  ],
  [
    'a step on a node that does not run',
    'node: B, put',
    'node: §C, put',
    /C does not run at this step/,
  ],
  ['a start of what runs', '{ node: B, put: key, value: text }', '{ start: §B }', /B runs already/],
  [
    'a step on a node that is paused',
    '{ node: B, put: key, value: text }',
    '{ pause: B }\n  - { node: §B, put: key, value: text }',
    /B is paused at this step of variant one: resume it before/,
  ],
  [
    'a resumption of what is not paused',
    '{ node: B, put: key, value: text }',
    '{ pause: B }\n  - { resume: B }\n  - { resume: §B }',
    /B is not paused at this step of variant one/,
  ],
  [
    'a dial of a node that is paused',
    '  - expect:\n',
    '  - { pause: A }\n  - expect:\n      - { observer: B, dialable: §A }\n',
    /impossible: A is paused at this step of variant one, and answers nobody/,
  ],
  [
    'a flush of a site without one',
    '{ node: B, put: key, value: text }',
    '{ flush-nat: §x }',
    /there are all, a, b/,
  ],
  ['an expectation of nobody', 'lists: A', 'lists: §Z', /no node is called 'Z'/],
  ['an observer that does not run', 'observer: B', 'observer: §C', /C does not run/],
  ['a node that judges itself', 'lists: A', 'lists: §B', /impossible: B does not judge itself/],
  [
    'a cause of the listed',
    'lists: A,',
    'not-lists: A, cause: §ADDRESS_REFUSED,',
    /impossible: a target with cause ADDRESS_REFUSED is listed/,
  ],
  [
    'a cause that does not exist',
    'lists: A,',
    'not-lists: A, cause: §CLIENT,',
    /saw 'CLIENT'; did you mean 'CLIENT_MODE'/,
  ],
  [
    'a cause of the connected',
    'lists: A,',
    'not-connected: A, cause: §CLIENT_MODE,',
    /impossible: a target with cause CLIENT_MODE is connected/,
  ],
  [
    'a connection and none',
    'within: 2s }',
    'within: 2s }\n      - { observer: B, not-connected: A }\n      - §{ observer: B, connected: A }',
    /impossible in one step: B is (?:not )?connected to A, and B is (?:not )?connected to A/,
  ],
  [
    'a time to wait that is none',
    '{ node: B, put: key, value: text }',
    '{ wait: §0s }',
    /a time longer than 0/,
  ],
  [
    'two modes of one node',
    'within: 2s }',
    'within: 2s }\n      - { node: B, mode: server }\n      - §{ node: B, mode: client }',
    /impossible in one step: B is a Kademlia client, and B is a Kademlia server/,
  ],
  [
    'what is done once, and should last',
    'observer: B, lists: A, within: 2s',
    'node: B, reads: key, value: text, §stays: 2s',
    /stays/,
  ],
  [
    'expectations against each other',
    'within: 2s }',
    'within: 2s }\n      - §{ observer: B, not-lists: A }',
    /impossible in one step: B does not list A, and B lists A/,
  ],
  [
    'two causes of one pair',
    'lists: A, within: 2s }',
    'not-lists: A, cause: CLIENT_MODE }\n      - §{ observer: B, not-dialable: A, cause: PING_FAILED }',
    /impossible in one step: B cannot dial A: PING_FAILED, and B does not list A: CLIENT_MODE/,
  ],
  [
    'a cause of the unlisted beside a listing',
    'within: 2s }',
    'within: 2s }\n      - §{ observer: B, not-dialable: A, cause: CLIENT_MODE }',
    /impossible in one step: B cannot dial A: CLIENT_MODE, and B lists A/,
  ],
  [
    'a cause of the listed beside none',
    'lists: A, within: 2s }',
    'not-dialable: A, cause: ADDRESS_REFUSED }\n      - §{ observer: B, not-lists: A }',
    /impossible in one step: B does not list A, and B cannot dial A: ADDRESS_REFUSED/,
  ],
  [
    'a cause of the unconnected beside a connection',
    'lists: A, within: 2s }',
    'connected: A }\n      - §{ observer: B, not-lists: A, cause: DIAL_REFUSED }',
    /impossible in one step: B does not list A: DIAL_REFUSED, and B is connected to A/,
  ],
  [
    'two values under one key',
    '  - expect:\n',
    '  - { node: B, put: key, value: other }\n  - expect:\n      - { node: A, reads: key, value: text }\n      - §{ node: A, reads: key, value: other }\n',
    /impossible in one step: A reads key as 'other', and A reads key as 'text'/,
  ],
  [
    'a key that is read and not read',
    '  - expect:\n',
    '  - expect:\n      - { node: A, reads: key, value: text }\n      - §{ node: A, not-reads: key }\n',
    /impossible in one step: A does not read key, and A reads key/,
  ],
  [
    'a value that is read and not read',
    '  - expect:\n',
    '  - expect:\n      - { node: A, not-reads: key, value: text }\n      - §{ node: A, reads: key, value: text }\n',
    /impossible in one step: A reads key, and A does not read 'text' under key/,
  ],
  [
    'a key that is not read because nobody ever puts it',
    '  - expect:\n',
    '  - expect:\n      - { node: A, not-reads: §kye }\n',
    /proves nothing: no step before this one puts 'kye'; did you mean 'key'/,
  ],
  [
    'a connection to a node that was stopped',
    '  - expect:\n',
    '  - { stop: A }\n  - expect:\n      - { observer: B, connected: §A }\n',
    /impossible: A does not run at this step of variant one/,
  ],
  [
    'a dial of a node that has not run',
    'lists: A',
    'dialable: §C',
    /impossible: C has not run at this step/,
  ],
  ['a listing of a node that has not run', 'lists: A', 'lists: §C', /impossible: C has not run/],
  [
    'a key that nobody puts',
    '  - expect:\n',
    '  - expect:\n      - { node: A, reads: §kye, value: text }\n',
    /impossible: no step before this one puts 'kye'; did you mean 'key'/,
  ],
  [
    'a value that nobody puts',
    '  - expect:\n',
    '  - expect:\n      - { node: A, reads: §key, value: txt }\n',
    /impossible: the steps before this one put 'text' under 'key', not 'txt'/,
  ],
  [
    'a key that is put only later',
    '  - { node: B, put: key, value: text }\n',
    '  - expect: [{ node: A, reads: §key, value: text }]\n  - { node: B, put: key, value: text }\n',
    /impossible: no step before this one puts 'key'/,
  ],
  [
    'a key that nobody provides',
    '  - expect:\n',
    '  - expect:\n      - { node: A, finds-provider: §key, provider: B }\n',
    /impossible: no step before this one provides 'key'/,
  ],
  [
    'a provider who does not provide',
    '  - expect:\n',
    '  - { node: B, provide: key }\n  - expect:\n      - { node: B, finds-provider: §key, provider: A }\n',
    /impossible: the steps before this one let B provide 'key', not A/,
  ],
  ['a wait of no time', 'within: 2s', 'within: §0s', /expected a time longer than 0, saw '0s'/],
  [
    'a key longer than nodes take',
    'put: key',
    `put: §${'k'.repeat(513)}`,
    /expected a key of at most 512 bytes of UTF-8 \(MAX_KEY_BYTES of [AB]\), saw 513/,
  ],
  [
    'a key longer in bytes than in characters',
    'put: key',
    `put: §${'é'.repeat(257)}`,
    /expected a key of at most 512 bytes of UTF-8/,
  ],
  [
    'a key longer than any node takes',
    'put: key',
    `put: §${'k'.repeat(1025)}`,
    /expected a key of at most 1024 bytes, saw 'k{56}\.\.\.$/,
  ],
  [
    'a value larger than nodes take',
    'value: text',
    `value: §${'é'.repeat(4097)}`,
    /expected a value of at most 8192 bytes of UTF-8 \(MAX_VALUE_BYTES of [AB]\), saw 8194/,
  ],
  [
    'an internet that looks private',
    'internet: 11.0.0.0/24',
    'internet: §192.168.50.0/24',
    /expected a network of public addresses .* outside 192\.168\.0\.0\/16, which is private/,
  ],
  [
    'an internet with a private part',
    'internet: 11.0.0.0/24',
    'internet: §172.0.0.0/8',
    /outside 172\.16\.0\.0\/12/,
  ],
  [
    'a time without a unit',
    'within: 2s',
    'within: §2',
    /expected a time such as 250ms, 10s or 2m, saw 2/,
  ],
  [
    'a variant of a node that does not exist',
    'nodes: { B: { env',
    'nodes: { §X: { env',
    /no node is called 'X'/,
  ],
]

/** Steps that look like faults and are none. */
const POSSIBLE: [what: string, steps: string][] = [
  [
    'a node that stopped and is still listed',
    '[{ stop: A }, { expect: [{ observer: B, lists: A }, { observer: B, not-dialable: A }] }]',
  ],
  [
    'a node that was started again',
    '[{ stop: A }, { start: A }, { expect: [{ observer: B, connected: A }] }]',
  ],
  [
    'what a refused put kept',
    '[{ expect: [{ node: B, put-fails: k, value: v }, { node: B, reads: k, value: v }] }]',
  ],
  [
    'one of two values',
    '[{ node: A, put: k, value: v }, { node: A, put: k, value: w }, { expect: [{ node: B, reads: k, value: v }] }]',
  ],
  [
    'two readers who differ',
    '[{ node: A, put: k, value: v }, { node: A, put: k, value: w }, { expect: [{ node: B, reads: k, value: v }, { node: A, reads: k, value: w }] }]',
  ],
  [
    'one value that is read and another that is not',
    '[{ node: A, put: k, value: v }, { node: A, put: k, value: w }, { expect: [{ node: B, reads: k, value: w }, { node: B, not-reads: k, value: v }] }]',
  ],
  [
    'two observers who differ, of a node that was started',
    '[{ start: C }, { expect: [{ observer: A, lists: C }, { observer: B, not-lists: C }] }]',
  ],
  [
    'two causes in two directions',
    '[{ expect: [{ observer: A, not-lists: B, cause: CLIENT_MODE }, { observer: B, not-lists: A, cause: PING_FAILED }] }]',
  ],
  [
    'one cause of two expectations',
    '[{ expect: [{ observer: A, not-lists: B, cause: CLIENT_MODE }, { observer: A, not-dialable: B, cause: CLIENT_MODE }, { observer: A, connected: B }] }]',
  ],
]

/** What a command does with a file before anything starts. */
function plannedFrom(text: string): Plan[] {
  return planLoaded(readScenario(text, 'test.yaml'), { seed: 0, sameSubnets: true })
}

function many(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join('\n')
}

/** The good file with a key of 600 bytes, a value of 9000, and a node with these variables. */
function raised(node: string, variables: string): string {
  return GOOD.replace(`${node}: { site`, `${node}: { env: { ${variables} }, site`)
    .replace('put: key', `put: ${'k'.repeat(600)}`)
    .replace('value: text', `value: ${'v'.repeat(9000)}`)
}

describe('loading a scenario', () => {
  for (const [what, steps] of POSSIBLE) {
    it(`takes ${what}`, () => {
      plannedFrom(GOOD.replace('one: {}', `one: { steps: ${steps} }`))
    })
  }

  it('takes a key that a node may have kept from before', () => {
    const reads = '{ expect: [{ node: B, reads: old, value: text }] }'
    const kept = `one: { nodes: { B: { env: { DATA_DIR: /data } } }, steps: [${reads}] }`
    plannedFrom(GOOD.replace('one: {}', kept))
  })

  it('takes keys and values as large as the node takes that puts them, and no larger', () => {
    const both = "MAX_KEY_BYTES: '600', MAX_VALUE_BYTES: '9000'"
    readScenario(raised('B', both), 'raised.yaml')
    assert.throws(() => readScenario(raised('A', both), 'other.yaml'), {
      name: 'ScenarioError',
      message: /512 bytes of UTF-8 \(MAX_KEY_BYTES of B\), saw 600[^]*8192 bytes .* saw 9000/,
    })
    const lower = raised('B', both.replace('9000', '100'))
    assert.throws(() => readScenario(lower, 'lower.yaml'), {
      message: /a value of at most 100 bytes of UTF-8 \(MAX_VALUE_BYTES of B\), saw 9000/,
    })
  })

  it('takes the good file of this test', () => {
    assert.equal(readScenario(GOOD, 'test.yaml').scenario.name, 'good')
  })

  for (const [what, from, to, message] of FAULTS) {
    it(`tells ${what} at its line and column`, () => {
      assert.ok(GOOD.includes(from), `the good file has '${from}'`)
      const marked = GOOD.replace(from, to)
      const before = marked.slice(0, marked.indexOf('§')).split('\n')
      const place = `test.yaml:${before.length}:${(before.at(-1) ?? '').length + 1}: `
      assert.throws(
        () => plannedFrom(marked.replace('§', '')),
        (error) => {
          assert.ok(error instanceof ScenarioError)
          const line = error.message.split('\n').find((line) => line.startsWith(place))
          assert.ok(line !== undefined, `expected a fault at ${place}, saw ${error.message}`)
          assert.match(line, message)
          return true
        },
      )
    })
  }

  it('tells all faults at once, in the order of their lines', () => {
    const bad = GOOD.replace('title: two nodes', 'title: 3')
      .replace('lists: A', 'list: A')
      .replace('site: b', 'sit: b')
    assert.throws(
      () => readScenario(bad, 'test.yaml'),
      (error) =>
        error instanceof ScenarioError &&
        error.faults.map(({ line }) => line).join() === '2,9,9,14',
    )
  })

  it('reads hours and days, and refuses a link that takes longer than 10s', () => {
    const long = GOOD.replace('within: 2s', 'within: 1.5h')
    assert.notEqual(long, GOOD)
    const { scenario } = readScenario(long, 'test.yaml')
    assert.match(JSON.stringify(scenario.steps), /"within":5400000/)
    for (const link of ['latency: 1000m', 'jitter: 99s']) {
      const slow = GOOD.replace('sites:', `sites:\n  slow: { nat: symmetric, link: { ${link} } }`)
      assert.throws(() => readScenario(slow, 'test.yaml'), /expected a time of at most 10s, saw/)
    }
  })

  it('refuses more than a scenario can be, before anything is checked', () => {
    const keys = `${GOOD}\n${many(100_000, (index) => `k${index}: 1`)}`
    assert.throws(() => readScenario(keys, 'test.yaml'), /test\.yaml:\d+:1: .* at most 20000 keys/)
    const flow = `steps: [${'1,'.repeat(100_000)}1]`
    assert.throws(() => readScenario(flow, 'test.yaml'), /at most 20000 keys and items/)
    const nodes = `name: many\ntitle: many\nsites: { a: { nat: public } }\nnodes:\n${many(1001, (index) => `  N${index}: { site: a }`)}`
    assert.throws(
      () => readScenario(nodes, 'test.yaml'),
      /test\.yaml:4:1: nodes: expected at most 1000 nodes, saw 1001/,
    )
  })

  it('tells a file that is not there', async () => {
    await assert.rejects(loadScenario('/nonexistent/x.yaml'), {
      name: 'ScenarioError',
      message: /cannot read the scenario \/nonexistent\/x\.yaml/,
    })
  })
})

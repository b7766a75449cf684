import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { scenarioJsonSchema } from '#orchestrator/scenario/json-schema.ts'
import { wordsAt } from '#orchestrator/web/lab/words-at.ts'

const LANGUAGE = {
  schema: scenarioJsonSchema(),
  scenarios: [
    { name: 'base', title: 'the base', sites: ['net'], nodes: ['A', 'Z'], variants: ['bug'] },
    { name: 'other', title: 'another', sites: [], nodes: [], variants: [] },
  ],
  variables: { PUBLIC_IP: 'its public address', KAD_MODE: 'client or server' },
}

/** The words at the `|` of a text. */
function at(marked: string): string[] {
  const offset = marked.indexOf('|')
  const text = marked.replace('|', '')
  return wordsAt(text, offset, LANGUAGE).words.map(({ text }) => text)
}

const NETWORK = `
name: mine
sites:
  home: { nat: symmetric }
  cloud:
    nat: one-to-one
nodes:
  A: { site: cloud }
  B:
    site: home
`

describe('the words that an editor offers', () => {
  it('are the keys of a scenario at its top, without those that are there', () => {
    const all = [
      'name',
      'title',
      'about',
      'extends',
      'internet',
      'sites',
      'nodes',
      'steps',
      'variants',
    ]
    assert.deepEqual(at('|'), all)
    assert.deepEqual(at('name: x\nsites: {}\n|'), [
      'title',
      'about',
      'extends',
      'internet',
      'nodes',
      'steps',
      'variants',
    ])
    assert.equal(at('name: x\nti|').includes('title'), true)
  })

  it('are presets of NAT, in a block and between brackets', () => {
    for (const text of [
      'sites:\n  a: { nat: |',
      'sites:\n  a:\n    nat: |',
      'sites:\n  a:\n    nat: sym|',
      'sites:\n  a: { nat: { preset: |',
    ]) {
      assert.ok(at(text).includes('symmetric'), text)
      assert.ok(!at(text).includes('nat'), text)
    }
  })

  it('are keys of a node, below it and between brackets', () => {
    assert.ok(at('nodes:\n  A: { |').includes('bootstrap'))
    assert.ok(at('nodes:\n  A:\n    |').includes('bootstrap'))
    const below = at('nodes:\n  A:\n    site: x\n    |')
    assert.ok(below.includes('bootstrap') && !below.includes('site'))
    assert.deepEqual(at('nodes:\n  |'), [])
  })

  it('are variables of a node in its env', () => {
    assert.deepEqual(at('nodes:\n  A: { env: { PUB|'), ['PUBLIC_IP', 'KAD_MODE'])
    assert.deepEqual(at('nodes:\n  A:\n    env:\n      PUBLIC_IP: 1.2.3.4\n      |'), ['KAD_MODE'])
  })

  it('are steps in a list, then the keys that go with what is written', () => {
    assert.ok(at(`${NETWORK}steps:\n  - |`).includes('restart'))
    assert.ok(at(`${NETWORK}steps:\n- re|`).includes('restart'))
    assert.ok(at(`${NETWORK}steps:\n  - { |`).includes('restart'))
    const after = at(`${NETWORK}steps:\n  - { node: B, put: k, |`)
    assert.ok(after.includes('value') && !after.includes('restart') && !after.includes('put'))
  })

  it('are expectations, and causes', () => {
    const open = `${NETWORK}steps:\n  - restart: A\n  - expect:\n      - { observer: B, dialable: A }\n      - { `
    assert.ok(at(`${open}|`).includes('observer'))
    const after = at(`${open}observer: A, |`)
    assert.ok(after.includes('not-lists') && !after.includes('reads'))
    assert.ok(at(`${open}observer: A, not-lists: B, cause: |`).includes('ONLY_PRIVATE_ADDRESSES'))
    const block = `${NETWORK}variants:\n  one:\n    steps:\n      - expect:\n          - observer: A\n            |`
    assert.ok(at(block).includes('not-lists'))
  })

  it('are those of the top again where a list ended', () => {
    for (const list of ['- restart: A', '  - restart: A', '- expect:\n  - observer: A']) {
      const words = at(`steps:\n${list}\n|`)
      assert.ok(words.includes('variants') && !words.includes('steps'), list)
    }
  })

  it('are names of nodes and sites that the text has', () => {
    assert.deepEqual(at(`${NETWORK}steps:\n  - { restart: |`).slice(0, 2), ['A', 'B'])
    assert.deepEqual(at(NETWORK.replace('site: home', 'site: |')), ['home', 'cloud'])
    assert.deepEqual(at(`${NETWORK}    bootstrap: [|`).slice(0, 2), ['A', 'B'])
    assert.deepEqual(at(`${NETWORK}    bootstrap: [A, |`).slice(0, 2), ['A', 'B'])
  })

  it('are the scenarios that one may extend, and what there is to change in the one that it extends', () => {
    assert.deepEqual(at('name: x\nextends: |'), ['base', 'other'])
    assert.deepEqual(at('name: x\nextends: ba|'), ['base', 'other'])
    const text = 'name: x\nextends: base # a server\n'
    assert.deepEqual(at(`${text}nodes:\n  |`), ['A', 'Z'])
    assert.deepEqual(at(`${text}nodes:\n  A: {}\n  |`), ['Z'])
    assert.deepEqual(at(`${text}variants:\n  |`), ['bug'])
    assert.deepEqual(at(`${text}nodes:\n  B: { site: |`), ['net'])
    assert.deepEqual(at(`${text}steps:\n  - { restart: |`).slice(0, 2), ['A', 'Z'])
    assert.deepEqual(at('extends: stranger\nnodes:\n  |'), [])
    assert.deepEqual(at('steps:\n  - extends: |'), [])
  })

  it('begin where the word begins', () => {
    const text = 'name: x\nno'
    assert.equal(wordsAt(text, text.length, LANGUAGE).from, 8)
    const dashed = 'sites:\n  a: { nat: port-re'
    assert.equal(wordsAt(dashed, dashed.length, LANGUAGE).from, dashed.length - 7)
  })

  it('are not led astray by comments, quotes and what is closed', () => {
    assert.ok(at("title: 'a: {'\n# sites: {\n|").includes('nodes'))
    assert.ok(at('sites: { a: { nat: public } } # }\n|').includes('nodes'))
    assert.ok(at('sites:\n  a: { nat: public }\n\n  # more\n\n|').includes('nodes'))
  })
})

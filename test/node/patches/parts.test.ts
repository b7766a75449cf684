import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { describe, it } from 'node:test'
import { checkParts, type Part, PARTS } from '#node/patches/parts.ts'

type Host = Parameters<typeof checkParts>[0]

const VALUES: Record<Part['type'], unknown> = {
  function: () => {},
  number: 1,
  object: {},
  string: 'text',
}

/** A host with each part, or without one. */
function stubHost(without: Part | null): Host {
  const host: Record<string, Record<string, unknown>> = { libp2p: {}, dht: {} }
  for (const part of PARTS) {
    const names = part.path.split('.')
    const last = names.pop() ?? ''
    let at = host[part.of] ?? {}
    for (const name of names) at = (at[name] ??= {}) as Record<string, unknown>
    if (part !== without) at[last] = VALUES[part.type]
  }
  return host as unknown as Host
}

/** A host that lacks all that lies at and below a path. */
function cutHost(of: Part['of'], path: string): Host {
  const host = stubHost(null) as unknown as Record<string, Record<string, unknown>>
  const names = path.split('.')
  const last = names.pop() ?? ''
  let at = host[of] ?? {}
  for (const name of names) at = at[name] as Record<string, unknown>
  delete at[last]
  return host as unknown as Host
}

describe('checkParts', () => {
  it('is content where each part is there', () => checkParts(stubHost(null)))

  for (const part of PARTS) {
    it(`names ${part.of}.${part.path} where it is missing`, () => {
      assert.throws(
        () => checkParts(stubHost(part)),
        (error: Error) => {
          assert.equal(error.name, 'MissingPartError')
          const { message } = error
          for (const word of [part.package, part.file, `${part.of}.${part.path}`, part.type]) {
            assert.ok(message.includes(word), `expected ${word} in: ${message}`)
          }
          assert.match(message, / \d+\.\d+\.\d+ /)
          assert.match(message, /npm ci/)
          return true
        },
      )
    })
  }

  it('names all that is missing, also below what is missing as a whole', () => {
    assert.throws(
      () => checkParts(cutHost('dht', 'routingTable')),
      (error: Error & { missing?: Part[] }) =>
        error.name === 'MissingPartError' &&
        error.missing?.length ===
          PARTS.filter(({ path }) => path.startsWith('routingTable.')).length,
    )
  })

  it('names files that the installed packages have', () => {
    for (const { package: name, file } of PARTS) {
      assert.ok(existsSync(`node_modules/${name}/${file}`), `${name}/${file}`)
    }
  })
})

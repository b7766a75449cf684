import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { asBearer, authorizationOf } from '#node/api/http/token.ts'

const TOKEN = 'a:token-of-this-test'
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`

describe('a token', () => {
  it('is shown as a bearer, or as the password of any user', () => {
    assert.equal(authorizationOf(asBearer(TOKEN)['authorization'], TOKEN), 'bearer')
    assert.equal(authorizationOf(`bearer  ${TOKEN}`, TOKEN), 'bearer')
    for (const user of ['', 'kad', 'ü']) {
      assert.equal(authorizationOf(basic(`${user}:${TOKEN}`), TOKEN), 'basic', user)
    }
  })

  it('is not shown by anything else', () => {
    const others = [
      undefined,
      '',
      TOKEN,
      'Bearer',
      'Bearer ',
      `Bearer ${TOKEN}x`,
      `Bearer ${TOKEN.slice(1)}`,
      `Bearer ${TOKEN.toUpperCase()}`,
      `Digest ${TOKEN}`,
      basic(TOKEN.replace(':', '')),
      basic(`${TOKEN}:`),
      basic(`user:${TOKEN} `),
      'Basic !',
    ]
    for (const header of others) {
      assert.equal(authorizationOf(header, TOKEN), 'none', String(header))
    }
    assert.deepEqual(asBearer(null), {})
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isAllowed, licenceOf } from '../../../scripts/pack/licence.ts'

describe('a licence', () => {
  it('is allowed by its name, and by any way through its expression', () => {
    for (const expression of ['MIT', 'Apache-2.0 OR MIT', 'GPL-3.0-only OR MIT', '(MIT AND ISC)']) {
      assert.equal(isAllowed(expression), true, expression)
    }
    assert.equal(isAllowed('(GPL-2.0-only AND MIT) OR (ISC AND BSD-3-Clause)'), true)
  })

  it('is refused where it is another, is missing, or where no way is left', () => {
    for (const expression of [
      'GPL-3.0-only',
      '',
      'UNLICENSED',
      'SEE LICENSE IN LICENSE',
      'MIT AND AGPL-3.0-only',
      '(MIT OR ISC) AND GPL-2.0-only',
      '(MIT',
      'MIT)',
    ]) {
      assert.equal(isAllowed(expression), false, expression)
    }
  })

  it('is read in the old form too', () => {
    const old = { name: 'a', version: '1.0.0', licenses: [{ type: 'MIT' }, { type: 'GPL-2.0' }] }
    assert.equal(licenceOf(old), 'MIT OR GPL-2.0')
    assert.equal(licenceOf({ name: 'a', version: '1.0.0' }), '')
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fillSections } from '../../../scripts/docs/markers.ts'

const sections = new Map([
  ['one', '| a |'],
  ['two', 'b'],
])

describe('generated parts of documents', () => {
  it('are replaced between their marks, and nothing else is', () => {
    const text =
      'x\n<!-- generated:one -->\nold\nold\n<!-- /generated:one -->\ny\n<!-- generated:two -->\n<!-- /generated:two -->\n'
    const filled = fillSections(text, sections, 'a.md')
    assert.equal(
      filled,
      'x\n<!-- generated:one -->\n| a |\n<!-- /generated:one -->\ny\n<!-- generated:two -->\nb\n<!-- /generated:two -->\n',
    )
    assert.equal(fillSections(filled, sections, 'a.md'), filled)
  })

  it('are refused where a mark names no section or is not closed', () => {
    assert.throws(
      () => fillSections('<!-- generated:three -->\n<!-- /generated:three -->', sections, 'a.md'),
      /a\.md: no section is called 'three'; there are one, two/,
    )
    assert.throws(() => fillSections('<!-- generated:one -->\n', sections, 'a.md'), /not closed/)
  })
})

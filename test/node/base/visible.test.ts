import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { styleText } from 'node:util'
import { createLog } from '#node/base/log.ts'
import { visible, visibleJson, visibleLine, visibleLines } from '#node/base/visible.ts'
import { createScreen } from '#orchestrator/report/screen.ts'

const HOSTILE = 'agent\u001b[2J\r\n✔ dial-back\u202e\u0007\u009b31m'
const SEEN = 'agent\\u{1b}[2J\\u{d}\\u{a}✔ dial-back\\u{202e}\\u{7}\\u{9b}31m'

describe('text of others', () => {
  it('shows what would move, hide or turn around, and leaves all other text', () => {
    assert.equal(visible(HOSTILE), SEEN)
    const honest = 'Zürich 東京 ✔ ╲ ← 🙂 a\u0301'
    assert.equal(visible(honest), honest)
  })

  it('keeps the colours of a line, and no other sequence', () => {
    const line = `${styleText('green', '✔', { validateStream: false })} ${HOSTILE}`
    assert.equal(visibleLine(line), `\u001b[32m✔\u001b[39m ${SEEN}`)
    assert.equal(visibleLine('\u001b[1;31mx\u001b[2K'), '\\u{1b}[1;31mx\\u{1b}[2K')
    assert.equal(visibleLines('a\u0007\nb'), 'a\\u{7}\nb')
  })

  it('is JSON that can be read back, and shows nothing that it hides', () => {
    const value = { protocols: [HOSTILE, '\u2028'], 'key\u202e': 1 }
    const text = visibleJson(value)
    assert.deepEqual(JSON.parse(text), value)
    assert.equal(visibleLines(text), text)
  })

  it('never reaches a terminal as it is', () => {
    let text = ''
    const screen = createScreen({ write: (piece) => (text += piece), live: true, width: 200 })
    screen.print(HOSTILE)
    screen.hint(HOSTILE)
    assert.equal(text, `${SEEN}\n  … ${SEEN}`)
  })

  it('never reaches a log for people as it is', () => {
    let text = ''
    const write = (line: string): void => void (text += line)
    createLog({ level: 'info', format: 'pretty', write }).info({ agent: HOSTILE }, HOSTILE)
    assert.ok(text.includes(`agent=${SEEN}`), text)
    assert.equal(text.split('\n').length, 2)
  })
})

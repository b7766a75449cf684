import assert from 'node:assert/strict'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { generateKey } from '@libp2p/pnet'
import { loadSwarmKey } from '#node/peer/swarm-key.ts'

const HEX = 'dffb7e3135399a8b1612b2aaca1c36a3a8ac2cd0cca51ceeb2ced87d308cac6d'
const TEXT = `/key/swarm/psk/1.0.0/\n/base16/\n${HEX}`

async function loaded(content: string | Uint8Array): Promise<string> {
  await using dir = await mkdtempDisposable(join(tmpdir(), 'kadlab-'))
  const path = join(dir.path, 'swarm.key')
  await writeFile(path, content)
  return Buffer.from(await loadSwarmKey(path)).toString()
}

describe('a swarm key', () => {
  it('is read as each implementation writes it', async () => {
    const bytes = new Uint8Array(95)
    generateKey(bytes)
    assert.equal(await loaded(bytes), Buffer.from(bytes).toString())
    assert.equal(await loaded(`${TEXT}\n`), TEXT)
    assert.equal(await loaded(TEXT.replaceAll('\n', '\r\n')), TEXT)
    assert.equal(await loaded(TEXT.replace(HEX, HEX.toUpperCase())), TEXT)
  })

  for (const [what, content, saw] of [
    ['nothing', '', /first line/],
    ['another kind of key', `-----BEGIN PRIVATE KEY-----\n${HEX}\n`, /first line/],
    ['another encoding', TEXT.replace('base16', 'base64'), /second line/],
    ['a key that is too short', TEXT.slice(0, -2), /64 hexadecimal digits/],
    ['a letter that is no digit', TEXT.replace('dffb', 'xffb'), /64 hexadecimal digits/],
    ['more than a key', `${TEXT}\n${HEX}`, /64 hexadecimal digits/],
  ] as const) {
    it(`is refused where the file holds ${what}, and none of it is told`, async () => {
      await assert.rejects(loaded(content), (error: Error) => {
        assert.equal(error.name, 'SwarmKeyError')
        assert.match(error.message, /SWARM_KEY_FILE=.*swarm\.key/)
        assert.match(error.message, saw)
        assert.doesNotMatch(error.message, new RegExp(HEX.slice(8, 40), 'i'))
        return true
      })
    })
  }

  it('is refused where there is no file, with where it was looked for', async () => {
    await assert.rejects(loadSwarmKey('/nowhere/swarm.key'), {
      name: 'SwarmKeyError',
      message: /SWARM_KEY_FILE=\/nowhere\/swarm\.key cannot be read: ENOENT/,
    })
  })
})

import assert from 'node:assert/strict'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { generateKeyPair, publicKeyFromRaw } from '@libp2p/crypto/keys'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { openSshBlob } from './stub/tls.ts'
import { PROJECT, runTerraform } from './terraform.ts'

async function someKeys(): Promise<Uint8Array[]> {
  const random = Array.from(
    { length: 20 },
    async () => (await generateKeyPair('Ed25519')).publicKey.raw,
  )
  return [...(await Promise.all(random)), Buffer.alloc(32), Buffer.alloc(32, 0xff).fill(0, 0, 1)]
}

describe('the peer-id module', () => {
  it('passes its own tests', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kadlab-peer-id-'))
    try {
      await cp(join(PROJECT, 'terraform/modules/peer-id'), folder, { recursive: true })
      assert.equal((await runTerraform(folder, ['init', '-no-color'])).code, 0)
      const outcome = await runTerraform(folder, ['test', '-no-color'])
      assert.equal(outcome.code, 0, outcome.text)
      assert.match(outcome.text, /5 passed, 0 failed/)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  it('agrees with js-libp2p about random keys, zeros, and a leading zero byte', async () => {
    const keys = await someKeys()
    const folder = await mkdtemp(join(tmpdir(), 'kadlab-peer-id-'))
    try {
      const module = join(PROJECT, 'terraform/modules/peer-id')
      const openSsh = keys.map((key, index) => [
        String(index),
        `ssh-ed25519 ${openSshBlob(key).toString('base64')}`,
      ])
      await writeFile(
        join(folder, 'main.tf'),
        `variable "keys" { type = map(string) }
module "peer_id" {
  source             = "${module}"
  for_each           = var.keys
  public_key_openssh = each.value
}
output "peer_ids" { value = { for name, it in module.peer_id : name => it.peer_id } }
`,
      )
      await writeFile(
        join(folder, 'terraform.tfvars.json'),
        JSON.stringify({ keys: Object.fromEntries(openSsh) }),
      )
      assert.equal((await runTerraform(folder, ['init', '-no-color'])).code, 0)
      const applied = await runTerraform(folder, ['apply', '-auto-approve', '-no-color'])
      assert.equal(applied.code, 0, applied.text)
      const { stdout } = await runTerraform(folder, ['output', '-json', 'peer_ids'])
      const expected = keys.map((key, index) => [
        String(index),
        peerIdFromPublicKey(publicKeyFromRaw(key)).toString(),
      ])
      assert.deepEqual(JSON.parse(stdout), Object.fromEntries(expected))
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})

import assert from 'node:assert/strict'
import { chmod, mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { readCompose } from '#test/compose/compose-file.ts'
import { IMAGES, run } from './compose-bench.ts'

/** What the service's command hands to Grafana as its administrator's password, with a stand-in for Grafana. */
async function passwordGiven(configured: string): Promise<string> {
  const { entrypoint = [], command = [] } = readCompose('compose/compose.yaml').services[
    'grafana'
  ] as { entrypoint?: string[]; command?: string[] }
  await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-grafana-'))
  const standIn = join(folder.path, 'run.sh')
  await writeFile(standIn, '#!/bin/sh\nprintf %s "$GF_SECURITY_ADMIN_PASSWORD"\n')
  await chmod(folder.path, 0o755)
  await chmod(standIn, 0o755)
  const [program = '', ...words] = [...entrypoint, ...command].map((word) =>
    word.replaceAll('$$', '$'),
  )
  const options = [
    '--rm',
    '--network=none',
    `--volume=${standIn}:/run.sh:ro`,
    `--env=GF_SECURITY_ADMIN_PASSWORD=${configured}`,
    `--entrypoint=${program}`,
  ]
  const ended = await run('docker', ['run', ...options, IMAGES.DEBIAN_IMAGE, ...words])
  assert.equal(ended.status, 0, ended.errors)
  return ended.output
}

describe("Grafana's administrator", () => {
  it('has the password that was set', async () => {
    assert.equal(await passwordGiven('correct horse'), 'correct horse')
  })

  it('has one that nobody can guess where none was', async () => {
    const [one, other] = [await passwordGiven(''), await passwordGiven('')]
    assert.match(one, /^[0-9a-f-]{36}$/)
    assert.notEqual(one, other)
  })
})

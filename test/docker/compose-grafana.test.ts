import assert from 'node:assert/strict'
import { chmod, mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, it } from 'node:test'
import { readCompose } from '#test/compose/compose-file.ts'
import { IMAGES, run } from './compose-bench.ts'

/** What a script prints that stands in for Grafana's own in the service: as its user, with its command and its files. */
async function runAsGrafana(script: string, configured = ''): Promise<string> {
  const service = readCompose('compose/compose.yaml').services['grafana']
  assert.ok(service)
  const { entrypoint = [], command = [], volumes = [], tmpfs = [], read_only: readOnly } = service
  await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-grafana-'))
  const standIn = join(folder.path, 'run.sh')
  await writeFile(standIn, `#!/bin/sh\n${script}\n`)
  await chmod(folder.path, 0o755)
  await chmod(standIn, 0o755)
  const [program = '', ...words] = [...entrypoint, ...command].map((word) =>
    word.replaceAll('$$', '$'),
  )
  const options = [
    '--rm',
    '--network=none',
    '--user=472:0',
    '--cap-drop=ALL',
    ...(readOnly === true ? ['--read-only'] : []),
    ...tmpfs.map((mount) => `--tmpfs=${mount}`),
    ...volumes.map(mountOf),
    `--volume=${standIn}:/run.sh:ro`,
    `--env=GF_SECURITY_ADMIN_PASSWORD=${configured}`,
    `--entrypoint=${program}`,
  ]
  const ended = await run('docker', ['run', ...options, IMAGES.DEBIAN_IMAGE, ...words])
  assert.equal(ended.status, 0, ended.errors)
  return ended.output
}

/** A file of this repository, only to be read: a volume of Grafana's own would keep its first password for ever. */
function mountOf(volume: unknown): string {
  assert.match(String(volume), /^\.\/grafana\/.*:ro$/)
  return `--volume=${resolve('compose')}/${String(volume)}`
}

const PASSWORD = 'printf %s "$GF_SECURITY_ADMIN_PASSWORD"'

describe("Grafana's administrator", () => {
  it('has the password that was set', async () => {
    assert.equal(await runAsGrafana(PASSWORD, 'correct horse'), 'correct horse')
  })

  it('has one that nobody can guess where none was', async () => {
    const [one, other] = [await runAsGrafana(PASSWORD), await runAsGrafana(PASSWORD)]
    assert.match(one, /^[0-9a-f-]{36}$/)
    assert.notEqual(one, other)
  })
})

describe("Grafana's files", () => {
  it('are written where nothing is kept, and nowhere else', async () => {
    const mounts = await runAsGrafana(
      [
        'mkdir /var/lib/grafana/plugins && touch /var/lib/grafana/grafana.db /tmp/any || exit 1',
        'touch /var/lib/grafana/dashboards/any 2>/dev/null && exit 1',
        `awk '$2 == "/" || $2 == "/var/lib/grafana" { print $2, $3, substr($4, 1, 2) }' /proc/mounts`,
      ].join('\n'),
    )
    assert.match(mounts, /^\/ \w+ ro\n\/var\/lib\/grafana tmpfs rw\n$/)
  })

  it('are the dashboards and the provisioning of this repository', async () => {
    const found = await runAsGrafana(
      'cd /var/lib/grafana && ls dashboards /etc/grafana/provisioning',
    )
    assert.match(found, /^kadlab-overview\.json$/m)
    assert.match(found, /^datasources$/m)
  })
})

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmod, copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { build } from 'esbuild'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')

/** Whoever is nobody on most machines. */
const NOBODY = 65_534

/** A program of one file, in a folder that everybody can read: prints whether a lab can be had, and what is said. */
const EXAMINE = `
import { examineMachine } from '#orchestrator/fabric/netns/machine.ts'
const { available, detail } = await examineMachine()
console.log(JSON.stringify({ available, detail }))`

/** What a command prints, as JSON. */
async function outcome(words: string[], options = {}): Promise<unknown> {
  const [command = '', ...rest] = words
  const { stdout } = await run(command, rest, { cwd: '/', ...options })
  return JSON.parse(stdout)
}

describe('a machine that is to have labs in namespaces', () => {
  let folder = ''
  const program = (): string[] => [join(folder, 'node'), join(folder, 'examine.mjs')]

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kadlab-machine-'))
    await chmod(folder, 0o755)
    await copyFile(process.execPath, join(folder, 'node'))
    await build({
      stdin: { contents: EXAMINE, resolveDir: root, loader: 'ts' },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: join(folder, 'examine.mjs'),
      logLevel: 'warning',
    })
  })
  after(async () => {
    await rm(folder, { recursive: true, force: true })
  })

  it('needs no root', async () => {
    const said = await outcome(program(), { uid: NOBODY, gid: NOBODY })
    const { available, detail } = said as { available: boolean; detail: string }
    assert.equal(available, true, detail)
    assert.match(detail, /^Linux \S+, as an ordinary user$/)
  })

  it('that forbids users to have namespaces is told by which setting', async () => {
    // The limit of a user namespace of its own: the machine's stays as it is.
    const script =
      'echo 0 > /proc/sys/user/max_user_namespaces; exec setpriv --bounding-set=-all --inh-caps=-all "$@"'
    const words = ['unshare', '--user', '--map-root-user', 'sh', '-c', script, 'sh', ...program()]
    assert.deepEqual(await outcome(words), {
      available: false,
      detail:
        'this machine forbids users to have namespaces: `sudo sysctl -w user.max_user_namespaces=15000` allows it',
    })
  })

  it('that lacks a command is told which, and what has it', async () => {
    const script = 'mount --bind /dev/null "$(command -v nft)"; exec "$@"'
    const words = ['unshare', '--mount', 'sh', '-c', script, 'sh', ...program()]
    assert.deepEqual(await outcome(words), {
      available: false,
      detail: 'the command nft is missing: install nftables',
    })
  })
})

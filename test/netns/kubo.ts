import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BUILT_IN } from '#node/base/sources.ts'
import { buildLocally } from '#orchestrator/fabric/local-build.ts'
import { OwnLoopback } from './own-loopback.ts'

/** Kubo itself, as a module: its own go.mod replaces nothing that a build from here would have to. */
async function buildKubo(): Promise<string> {
  return buildLocally({
    root: BUILT_IN,
    sources: {
      name: 'kubo',
      folder: 'test/netns/kubo',
      inputs: [],
      baseImages: [],
      toolchain: {
        command: 'go',
        arguments: (output) => [
          'build',
          '-trimpath',
          '-ldflags=-s -w',
          '-o',
          `${output}/ipfs`,
          'github.com/ipfs/kubo/cmd/ipfs',
        ],
        environment: { CGO_ENABLED: '0' },
        program: 'ipfs',
      },
    },
    env: process.env,
    onProgress: () => {},
  })
}

export interface KuboSettings {
  /** Settings of its configuration, by name, as JSON. */
  config?: Readonly<Record<string, string>>
  /** Its private network, as a swarm.key. */
  swarmKey?: string
}

/** A kubo daemon in a network of its own. */
export interface Kubo extends AsyncDisposable {
  network: OwnLoopback
  /** Its multiaddr on loopback, with its peer id. */
  address: string
  /** Runs a command of it, and resolves to what it prints. */
  ipfs: (...words: string[]) => Promise<string>
}

/** Says at which address of TCP the daemon listens once it is ready, as the other peers of the tests do. */
const DAEMON = `"$0" daemon | while read -r line; do
  case "$line" in *'Daemon is ready'*) "$0" id --format '<addrs>\\n' | grep -m 1 '/ip4/127[^ ]*/tcp/';; esac
done`

/**
 * Starts kubo as it comes, but that it seeks nobody beyond loopback (its profile `test`).
 *
 * @param addresses what its network has beside loopback, where it then listens too
 */
export async function startKubo(
  { config = {}, swarmKey }: KuboSettings = {},
  addresses: readonly string[] = [],
): Promise<Kubo> {
  await using stack = new AsyncDisposableStack()
  const program = await buildKubo()
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'kadlab-kubo-')))
  const network = stack.use(await OwnLoopback.start({ addresses }))
  const env = { IPFS_PATH: folder.path, IPFS_TELEMETRY: 'off', HOME: folder.path }
  const ipfs = async (...words: string[]): Promise<string> => network.exec([program, ...words], env)
  await ipfs('init', '--profile=test')
  for (const [name, value] of Object.entries(config)) await ipfs('config', '--json', name, value)
  if (swarmKey !== undefined) await writeFile(join(folder.path, 'swarm.key'), swarmKey)
  const { address } = stack.use(await network.start(['sh', '-c', DAEMON, program], env))
  const kept = stack.move()
  const stop = async (): Promise<void> => kept.disposeAsync()
  return { network, address, ipfs, [Symbol.asyncDispose]: stop }
}

import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { BUILT_IN } from '#node/base/sources.ts'
import { buildLocally } from '#orchestrator/fabric/local-build.ts'

/** Why the machine cannot build lite-kv; null where it can. */
export const missingLite = await missing(['cargo', 'protoc'])

async function missing(commands: readonly string[]): Promise<string | null> {
  for (const command of commands) {
    try {
      await promisify(execFile)(command, ['--version'])
    } catch {
      return `${command} is not installed`
    }
  }
  return null
}

/** Builds the peer on litep2p; resolves to its program. */
async function buildLite(): Promise<string> {
  return buildLocally({
    root: BUILT_IN,
    sources: {
      name: 'lite-kv',
      folder: 'test/netns/lite-kv',
      inputs: [],
      baseImages: [],
      toolchain: {
        command: 'cargo',
        arguments: (output) => ['build', '--locked', '--target-dir', output],
        environment: {},
        program: 'debug/lite-kv',
      },
    },
    env: process.env,
    onProgress: () => {},
  })
}

/** A litep2p peer on loopback; nothing of it is left once it is disposed of. */
export interface LitePeer extends AsyncDisposable {
  /** Its multiaddr, with its peer id. */
  address: string
}

export async function startLite(env: Record<string, string> = {}): Promise<LitePeer> {
  const child = spawn(await buildLite(), { env, stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
  }
  for await (const address of createInterface({ input: child.stdout })) {
    assert.match(address, /^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\//)
    return { address, [Symbol.asyncDispose]: stop }
  }
  await stop()
  throw new Error('lite-kv ended before it listened')
}

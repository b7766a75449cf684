import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { BUILT_IN } from '#node/base/sources.ts'
import { buildLocally } from '#orchestrator/fabric/local-build.ts'
import { type LoopbackProgram, startLoopbackProgram } from './loopback-program.ts'

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

/** A litep2p peer on loopback. */
export async function startLite(env: Record<string, string> = {}): Promise<LoopbackProgram> {
  return startLoopbackProgram([await buildLite()], { env, stderr: 'inherit' })
}

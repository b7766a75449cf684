import { execFile } from 'node:child_process'
import { access, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { hashFiles } from '#orchestrator/fabric/hash-files.ts'
import { type LoopbackProgram, startLoopbackProgram } from './loopback-program.ts'

const run = promisify(execFile)
const FOLDER = join(import.meta.dirname, 'py-kv')

/** Why the machine cannot make the environment of py-kv; null where it can. */
export const missingPython = await run('python3', ['-c', 'import ensurepip, venv']).then(
  () => null,
  () => 'python3 with venv is not installed',
)

/** The interpreter of an environment that has py-libp2p, made once for what is required of it. */
async function interpreter(): Promise<string> {
  const hash = await hashFiles(FOLDER, ['requirements.txt'])
  const environment = join(FOLDER, 'target', hash)
  const python = join(environment, 'bin', 'python')
  const ready = join(FOLDER, 'target', `${hash}.ready`)
  const isThere = await access(ready).then(
    () => true,
    () => false,
  )
  if (isThere) return python
  await run('python3', ['-m', 'venv', '--clear', environment])
  const requirements = join(FOLDER, 'requirements.txt')
  await run(python, ['-m', 'pip', 'install', '--quiet', '--no-deps', '-r', requirements])
  // Last: what was interrupted is made anew.
  await writeFile(ready, '')
  return python
}

/** A py-libp2p peer on loopback. */
export async function startPy(env: Record<string, string> = {}): Promise<LoopbackProgram> {
  // It logs what it does to standard error, faults of streams that have ended among it.
  const words = [await interpreter(), join(FOLDER, 'py_kv.py')] as const
  return startLoopbackProgram(words, { env, stderr: 'ignore' })
}

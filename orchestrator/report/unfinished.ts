import { readdir, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** What a report is called until it is whole: with the process that writes it, and a random part. */
const UNFINISHED = /^(.+)\.part-(\d+)-[0-9a-f]{8}$/
/** A run in another container, of which nothing shows here but its folder, writes oftener than this. */
const UNTOUCHED_MS = 10 * 60_000

/** The name of a report that is being written by this process. */
export function unfinishedName(target: string, random: string): string {
  return `${target}.part-${process.pid}-${random}`
}

/**
 * Removes what killed runs left of reports beside a report's place. Never rejects: whoever writes a report is not to be
 * kept from it by what others left.
 *
 * @param nowMs since the epoch
 */
export async function removeUnfinished(target: string, nowMs: number = Date.now()): Promise<void> {
  const folder = dirname(target)
  const names = await readdir(folder).catch(() => [])
  await Promise.all(
    names.map(async (name) => {
      const [, , pid] = UNFINISHED.exec(name) ?? []
      if (pid === undefined || isRunning(Number(pid))) return
      const path = join(folder, basename(name))
      const touched = await stat(path).catch(() => null)
      if (touched === null || nowMs - touched.mtimeMs < UNTOUCHED_MS) return
      await rm(path, { recursive: true, force: true }).catch(() => {})
    }),
  )
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Somebody else's process may be asked nothing, and runs.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

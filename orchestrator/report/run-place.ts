import { randomBytes } from 'node:crypto'
import { readdir, rename, rm, symlink } from 'node:fs/promises'
import { basename, join } from 'node:path'

/** How many reports of one scenario on one fabric are kept. */
export const KEPT_REPORTS = 20

/** The name under which the newest one is found. */
export const LATEST = 'latest'

/** `2026-11-26T05-12-33-250Z-1f3c`: sorts by time, and no two runs have the same. */
const RUN_FOLDER = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z-[0-9a-f]{4}$/

/** The folder of a run that begins now, under the folder of its scenario and fabric. */
export function runFolderName(now: Date): string {
  return `${now.toISOString().replaceAll(/[:.]/g, '-')}-${randomBytes(2).toString('hex')}`
}

/** What reports of former versions left beside the folders of runs. */
const FORMER = ['report.json', 'junit.xml', 'events.ndjson', 'logs', 'routers']

/**
 * Points `latest` at a run's report and removes the oldest ones, so that at most `kept` stay; returns the link's path.
 * Whatever else is in the folder stays.
 */
export async function publishRun(
  folder: string,
  run: string,
  kept: number = KEPT_REPORTS,
): Promise<string> {
  const entries = await readdir(folder)
  const runs = entries.filter((name) => RUN_FOLDER.test(name)).toSorted()
  const old = runs
    .filter((name) => name !== basename(run))
    .slice(0, Math.max(0, runs.length - kept))
  const former = entries.filter((name) => FORMER.includes(name))
  await Promise.all(
    [...old, ...former].map((name) => rm(join(folder, name), { recursive: true, force: true })),
  )
  const link = join(folder, LATEST)
  // Renamed into its place, so that whoever looks finds the one or the other.
  const aside = join(folder, `.${LATEST}-${randomBytes(4).toString('hex')}`)
  await symlink(process.platform === 'win32' ? run : basename(run), aside, 'junction')
  await rename(aside, link).catch(async () => {
    await rm(link, { recursive: true, force: true })
    await rename(aside, link)
  })
  return link
}

// node scripts/pack/page.ts <file>: makes the page of a cluster, which the gateway of an image serves.
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pageHtml } from '#orchestrator/report/page.ts'
import { webClient } from '#orchestrator/report/web-client.ts'

/** The page as HTML: the same for the same sources. */
export async function clusterPage(): Promise<string> {
  return pageHtml(await webClient(), { title: 'kadlab', lines: null, stream: null, cluster: true })
}

if (import.meta.main) {
  const [file] = process.argv.slice(2)
  if (file === undefined) {
    console.error('expected a file: node scripts/pack/page.ts <file>')
    process.exitCode = 2
  } else await writeFile(resolve(file), await clusterPage())
}

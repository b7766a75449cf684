import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SOURCES } from '#node/base/sources.ts'
import { ReportError } from './errors.ts'

/** What every page of kadlab is made of, beside its events. */
export interface WebClient {
  /** A script without imports. */
  script: string
  style: string
}

/** Where a packed kadlab carries the script ready-made. */
export const PACKED_SCRIPT = 'orchestrator/web/client.js'
export const WEB_STYLE = 'orchestrator/web/style.css'

let loaded: Promise<WebClient> | null = null

/**
 * The web client: ready-made in a package, else made of its sources, once in a process.
 *
 * @throws ReportError where neither is possible
 */
export function webClient(): Promise<WebClient> {
  loaded ??= load()
  return loaded
}

async function load(): Promise<WebClient> {
  try {
    const [script, style] = await Promise.all([
      readFile(join(SOURCES, PACKED_SCRIPT), 'utf8').catch(async () => {
        const { script } = await bundleWebClient(SOURCES)
        return script
      }),
      readFile(join(SOURCES, WEB_STYLE), 'utf8'),
    ])
    return { script, style }
  } catch (error) {
    loaded = null
    throw new ReportError('cannot make the page of the report: run npm ci', { cause: error })
  }
}

/** Makes the script of its sources under `root`; `inputs` are the files that went into it. */
export async function bundleWebClient(root: string): Promise<{ script: string; inputs: string[] }> {
  // Nobody but a checkout makes it, and a package holds no bundler.
  const { build } = await import('esbuild')
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['orchestrator/web/main.ts'],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    platform: 'browser',
    target: 'es2023',
    format: 'iife',
    legalComments: 'none',
    logLevel: 'silent',
  })
  const script = outputFiles[0]?.text ?? ''
  return { script, inputs: Object.keys(metafile.inputs) }
}

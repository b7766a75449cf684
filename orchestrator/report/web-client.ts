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

/** Where the parts of a web client are, from the folder of the sources. */
export interface WebClientPlace {
  /** What its script begins with. */
  entry: string
  /** Where a packed kadlab carries the script ready-made. */
  packed: string
  style: string
}

/** The client of everything that shows a run or a grid. */
export const WEB_CLIENT: WebClientPlace = {
  entry: 'orchestrator/web/main.ts',
  packed: 'orchestrator/web/client.js',
  style: 'orchestrator/web/style.css',
}

/** The client of the lab, in which scenarios are written and run. */
export const LAB_CLIENT: WebClientPlace = {
  entry: 'orchestrator/web/lab/main.ts',
  packed: 'orchestrator/web/lab/client.js',
  style: 'orchestrator/web/lab/lab.css',
}

const loaded = new Map<WebClientPlace, Promise<WebClient>>()

/**
 * A web client: ready-made in a package, else made of its sources, once in a process.
 *
 * @throws ReportError where neither is possible
 */
export function webClient(place: WebClientPlace = WEB_CLIENT): Promise<WebClient> {
  const known = loaded.get(place)
  if (known !== undefined) return known
  const loading = load(place)
  loaded.set(place, loading)
  return loading
}

async function load(place: WebClientPlace): Promise<WebClient> {
  try {
    const [script, style] = await Promise.all([
      readFile(join(SOURCES, place.packed), 'utf8').catch(async () => {
        const { script } = await bundleWebClient(SOURCES, place)
        return script
      }),
      readFile(join(SOURCES, place.style), 'utf8'),
    ])
    return { script, style }
  } catch (error) {
    loaded.delete(place)
    throw new ReportError(`cannot make ${place.packed}: run npm ci`, { cause: error })
  }
}

/** Makes the script of its sources under `root`; `inputs` are the files that went into it. */
export async function bundleWebClient(
  root: string,
  { entry }: WebClientPlace = WEB_CLIENT,
): Promise<{ script: string; inputs: string[] }> {
  // Nobody but a checkout makes it, and a package holds no bundler.
  const { build } = await import('esbuild')
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
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

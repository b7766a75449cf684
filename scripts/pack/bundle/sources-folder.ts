import type { Plugin } from 'esbuild'

const contents = `
import { existsSync } from 'node:fs'
import { join } from 'node:path'
export const SOURCES = join(import.meta.dirname, '../sources')
const around = join(import.meta.dirname, '../..')
export const BUILT_IN = existsSync(join(around, 'node/base/sources.ts')) ? around : SOURCES
export const LAUNCHER = join(around, 'scripts/kadlab.mjs')
`

/** A packed program finds what it reads of kadlab in the folder `sources` beside its own. */
export const sourcesFolder: Plugin = {
  name: 'sources-folder',
  setup(steps) {
    steps.onLoad({ filter: /[\\/]node[\\/]base[\\/]sources\.ts$/ }, () => ({
      contents,
      loader: 'js',
    }))
  },
}

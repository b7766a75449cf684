import type { Plugin } from 'esbuild'

/** A packed program finds what it reads of kadlab in the folder `sources` beside its own. */
export const sourcesFolder: Plugin = {
  name: 'sources-folder',
  setup(steps) {
    steps.onLoad({ filter: /[\\/]node[\\/]base[\\/]sources\.ts$/ }, () => ({
      contents: `import { join } from 'node:path'\nexport const SOURCES = join(import.meta.dirname, '../sources')`,
      loader: 'js',
    }))
  },
}

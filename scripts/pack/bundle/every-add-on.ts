import { cp } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Plugin } from 'esbuild'

/**
 * classic-level searches its own folder for the binary that fits the machine. What runs on whichever machine takes all of
 * them along, as `prebuilds` in the folder above the programs' own.
 */
export function placeEveryAddOn(folder: string): Plugin {
  return {
    name: 'every-add-on',
    setup(steps) {
      steps.onLoad({ filter: /[\\/]classic-level[\\/]binding\.js$/ }, async ({ path }) => {
        await cp(join(dirname(path), 'prebuilds'), join(folder, 'prebuilds'), { recursive: true })
        const contents = `module.exports = require('node-gyp-build')(require('node:path').dirname(__dirname))`
        return { contents, loader: 'js' }
      })
      // Those that a package does without, where they are not there.
      steps.onResolve({ filter: /\.node$/ }, ({ path }) => ({ path, external: true }))
    },
  }
}

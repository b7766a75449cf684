import { copyFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Plugin } from 'esbuild'

/** What the native add-on is called beside the bundle. */
const ADD_ON = 'classic-level.node'

/**
 * classic-level searches its own folder for the binary that fits the machine; in a bundle there is no such folder, so
 * the one binary is copied beside the bundle and named outright.
 */
export function placeAddOn(folder: string): Plugin {
  return {
    name: 'native-add-on',
    setup(steps) {
      steps.onLoad({ filter: /[\\/]classic-level[\\/]binding\.js$/ }, async ({ path }) => {
        const level = dirname(path)
        const { path: find } = createRequire(path)('node-gyp-build') as AddOnFinder
        await copyFile(find(level), join(folder, ADD_ON))
        return { contents: `module.exports = require('./${ADD_ON}')`, loader: 'js' }
      })
      steps.onResolve({ filter: /\.node$/ }, ({ path }) => ({ path, external: true }))
    },
  }
}

interface AddOnFinder {
  /** The binary that fits this machine, among those that a package brings along. */
  path: (packageFolder: string) => string
}

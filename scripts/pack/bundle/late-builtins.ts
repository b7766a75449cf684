import type { Plugin } from 'esbuild'

/**
 * A module that is imported late is part of the one file, and what it imports of Node would be loaded with that file: for
 * HTTP and compression a third of a node's start, in a node that may never serve HTTP. So these are asked for when the
 * module that needs them runs.
 */
export const lateBuiltins: Plugin = {
  name: 'late-builtins',
  setup(steps) {
    const filter = /^(node:)?(http|http2|https|zlib|cluster|tls|readline|child_process)$/
    const namespace = 'late-builtin'
    steps.onResolve({ filter }, ({ path }) => ({ path: path.replace('node:', ''), namespace }))
    steps.onLoad({ filter: /./, namespace }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('${path}')`,
      loader: 'js',
    }))
  },
}

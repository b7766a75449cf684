import { readFile } from 'node:fs/promises'
import type { Plugin } from 'esbuild'

/** How the library compares two names, and how the bundle does. */
const BY_LANGUAGE = 'a.localeCompare(b)'
const BY_CODE_UNITS = '(a < b ? -1 : a > b ? 1 : 0)'

/**
 * peer-store sorts the few names of a peer's metadata and tags by the rules of a human language, for which V8 loads the
 * whole of its collation tables: 8 ms of a node's start. In the bundle they are sorted by their code units, which serves as
 * well: all that counts is that the order is the same each time.
 */
export const plainOrder: Plugin = {
  name: 'plain-order',
  setup(steps) {
    steps.onLoad(
      { filter: /[\\/]peer-store[\\/]dist[\\/]src[\\/]utils[\\/]to-peer-pb\.js$/ },
      async ({ path }) => ({
        contents: plainlyOrdered(await readFile(path, 'utf8')),
        loader: 'js',
      }),
    )
  },
}

/** @throws Error where the library compares otherwise by now */
export function plainlyOrdered(source: string): string {
  if (!source.includes(BY_LANGUAGE)) {
    throw new Error(
      `expected \`${BY_LANGUAGE}\` in peer-store's to-peer-pb.js: see whether it still sorts by language`,
    )
  }
  return source.replaceAll(BY_LANGUAGE, BY_CODE_UNITS)
}

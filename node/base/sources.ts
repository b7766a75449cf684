import { resolve } from 'node:path'

/**
 * Folder of what kadlab reads of itself while it runs: the scenarios, and what images are built from. In a clone that is
 * the repository; a packed kadlab carries a copy, and scripts/pack/bundle/sources-folder.ts names that one instead.
 */
export const SOURCES = resolve(import.meta.dirname, '../..')

/**
 * The folder in which something may be built from kadlab's sources, and kept: the checkout, also where its bundled programs run; the
 * sources in the package where there is no checkout.
 */
export const BUILT_IN = SOURCES

/** The program behind the command `kadlab`, in a checkout and in a package. */
export const LAUNCHER = resolve(SOURCES, 'scripts/kadlab.mjs')

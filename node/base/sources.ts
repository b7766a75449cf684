import { resolve } from 'node:path'

/**
 * Folder of what kadlab reads of itself while it runs: the scenarios, and what images are built from. In a clone that is
 * the repository; a packed kadlab carries a copy, and scripts/pack/bundle/sources-folder.ts names that one instead.
 */
export const SOURCES = resolve(import.meta.dirname, '../..')

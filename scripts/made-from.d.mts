/**
 * Notes what dist/ was made from, in the checkout's `.cache`.
 *
 * @param root of the checkout
 * @param paths below the root: files, and folders of which every entry counts
 */
export function noteSources(root: string, paths: readonly string[]): void

/** Whether dist/ was made from the sources as they are now; false where nobody knows. */
export function isMadeFromSources(root: string): boolean

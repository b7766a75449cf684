/** Commands that are npm scripts too, by their name. */
const NPM_SCRIPTS = new Set([
  'scenario',
  'proof',
  'clean',
  'doctor',
  'node',
  'peers',
  'init',
  'matrix',
  'lab',
])

/** Whether one of kadlab's commands was started as an npm script, `npm run scenario`. */
export function startedByNpm(env: Readonly<Record<string, string | undefined>>): boolean {
  return NPM_SCRIPTS.has(env['npm_lifecycle_event'] ?? '')
}

/**
 * A command as the user may type it, in the way that this process was started: `npm run clean -- --kept`, or
 * `kadlab clean --kept`.
 *
 * @param operands - words that npm hands on by itself
 * @param options - words that npm would keep without a `--` before them
 */
export function asTyped(
  env: Readonly<Record<string, string | undefined>>,
  command: string,
  { operands = '', options = '' }: { operands?: string; options?: string } = {},
): string {
  const byNpm = startedByNpm(env)
  const words = [byNpm ? `npm run ${command}` : `kadlab ${command}`, operands]
  const behind = options === '' ? [] : byNpm ? ['--', options] : [options]
  return [...words, ...behind].filter((word) => word !== '').join(' ')
}

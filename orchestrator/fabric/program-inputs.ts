/** Files that the bundled programs are made from, as globs from the folder of the sources. */
export const PROGRAM_INPUTS: readonly string[] = [
  'package.json',
  'package-lock.json',
  'scripts/pack/bundle.ts',
  'scripts/pack/bundle/*.ts',
  'scripts/pack/page.ts',
  'node/**/*.ts',
  'orchestrator/probe/**/*.ts',
  'orchestrator/net/**/*.ts',
  'orchestrator/plan/**/*.ts',
  'orchestrator/router/**/*.ts',
  'orchestrator/words/**/*.ts',
  'orchestrator/picture/**/*.ts',
  // Not all that is there: a package keeps its ready-made script beside its sources.
  'orchestrator/web/*.{ts,css,json}',
  'orchestrator/report/page.ts',
  'orchestrator/report/web-client.ts',
  'orchestrator/report/errors.ts',
]

import packageJson from '../../package.json' with { type: 'json' }

export const VERSION: string = packageJson.version

/** What identify tells others of the program, and of the build where a deployment names one. */
export function agentOf(build: string | null): string {
  return build === null ? `kadlab/${VERSION}` : `kadlab/${VERSION}+${build}`
}

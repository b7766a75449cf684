import packageJson from '../package.json' with { type: 'json' }

export const VERSION: string = packageJson.version

/** What identify tells others of the program. */
export const AGENT = `kadlab/${VERSION}`

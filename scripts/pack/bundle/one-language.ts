import type { Plugin } from 'esbuild'

/** zod brings its messages in fifty languages, a sixth of the bundle; its own default is English. */
export const oneLanguage: Plugin = {
  name: 'one-language',
  setup(steps) {
    steps.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: `export { default as en } from './en.js'`,
      loader: 'js',
    }))
  },
}

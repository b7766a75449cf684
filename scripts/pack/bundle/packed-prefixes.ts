import { pathToFileURL } from 'node:url'
import type { Plugin } from 'esbuild'

/** Bytes of one number: the largest is below 2 ** 24. */
const WIDTH = 3

/**
 * kad-dht brings 65,536 numbers as an array in a source of 400 kB, of which a node needs a handful each five minutes: as
 * source, constants and array they cost it 1 MB and more. In the bundle they are a text that is unpacked number by number.
 */
export const packedPrefixes: Plugin = {
  name: 'packed-prefixes',
  setup(steps) {
    steps.onLoad({ filter: /[\\/]generated-prefix-list\.js$/ }, async ({ path }) => {
      const { default: prefixes } = (await import(pathToFileURL(path).href)) as {
        default: readonly number[]
      }
      return { contents: packedModule(prefixes), loader: 'js' }
    })
  },
}

/**
 * The source of a module whose default export gives the same number for each index.
 *
 * @param numbers whole numbers from 0 to below 2 ** 24
 */
export function packedModule(numbers: readonly number[]): string {
  const bytes = Buffer.alloc(numbers.length * WIDTH)
  for (const [index, value] of numbers.entries()) bytes.writeUIntLE(value, index * WIDTH, WIDTH)
  // Three bytes are four characters of Base64, so each number can be read alone.
  return [
    `const text = '${bytes.toString('base64')}'`,
    `const at = (index) => index >= 0 && index < ${numbers.length}`,
    `  ? Buffer.from(text.slice(index * 4, index * 4 + 4), 'base64').readUIntLE(0, ${WIDTH}) : undefined`,
    `export default new Proxy([], { get: (_, key) => at(Number(key)) })`,
  ].join('\n')
}

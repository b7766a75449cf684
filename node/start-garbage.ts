import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** By then a node has started, joined and listed its first peers. */
const AFTER_MS = 1000

/**
 * Collects once what starting has left: parsed modules, handshakes, first lookups. V8 collects when it needs room, and a
 * node that idles needs none for hours; until then it would carry some 2 MB that nobody uses.
 */
export function collectStartGarbage(): Disposable {
  const timer = setTimeout(() => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as NodeJS.GCFunction
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  }, AFTER_MS)
  timer.unref()
  return { [Symbol.dispose]: () => clearTimeout(timer) }
}

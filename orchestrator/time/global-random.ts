import { webcrypto } from 'node:crypto'
import { timeline } from './timeline.ts'

// Taken before any of it is replaced.
const realRandom = Math.random
const realRandomValues = webcrypto.getRandomValues.bind(webcrypto)

/** `Math.random`, from the run's seed for those who run in simulated time. */
export function random(): number {
  return timeline()?.random() ?? realRandom()
}

/** `crypto.getRandomValues`, likewise. */
export function randomValues<T extends Uint8Array>(target: T): T {
  const time = timeline()
  if (time === null) {
    realRandomValues(target)
    return target
  }
  const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength)
  for (let index = 0; index < bytes.length; index++) bytes[index] = Math.floor(time.random() * 256)
  return target
}

import type { yamux } from '@chainsafe/libp2p-yamux'
import type { MessageStream, StreamMuxer } from '@libp2p/interface'

/** Names of the methods of `T`. */
type MethodOf<T> = {
  [K in keyof T]-?: T[K] extends (...args: never[]) => unknown ? K : never
}[keyof T]

type Method = (...args: unknown[]) => unknown

/** One wrap of a method: what is called, and what it calls in its turn. */
interface Layer {
  outer: Method
  inner: Method
}

/** A method that is wrapped: how it was, and the wraps around it, the innermost first. */
interface Wrapped {
  /** Undefined where it came from the prototype. */
  readonly before: PropertyDescriptor | undefined
  readonly original: Method
  readonly layers: Layer[]
}

const wrapped = new WeakMap<object, Map<PropertyKey, Wrapped>>()

/**
 * Puts code around a method of an object that is not ours: the one way in which a stock library is changed here.
 *
 * Wraps compose: the last one is called first, and each can be taken off again in any order. When the last is off, the
 * object is as it was.
 *
 * @param around makes the method that is called instead; it is given the one inside it, bound to the object
 * @returns what takes the wrap off; calling it twice is fine
 */
export function wrap<T extends object, K extends MethodOf<T>>(
  object: T,
  name: K,
  around: (inner: T[K]) => T[K],
): () => void {
  const methods = wrapped.get(object) ?? new Map<PropertyKey, Wrapped>()
  wrapped.set(object, methods)
  const { before, original, layers } = methods.get(name) ?? {
    before: Object.getOwnPropertyDescriptor(object, name),
    original: bound(object, name),
    layers: [],
  }
  methods.set(name, { before, original, layers })
  const layer: Layer = { outer: original, inner: layers.at(-1)?.outer ?? original }
  layer.outer = around(((...args: unknown[]) => layer.inner(...args)) as T[K]) as Method
  layers.push(layer)
  object[name] = layer.outer as T[K]

  return () => {
    const at = layers.indexOf(layer)
    if (at === -1) return
    layers.splice(at, 1)
    const above = layers[at]
    if (above !== undefined) above.inner = layer.inner
    const top = layers.at(-1)
    if (top !== undefined) object[name] = top.outer as T[K]
    else {
      methods.delete(name)
      if (before === undefined) delete object[name]
      else Object.defineProperty(object, name, before)
    }
  }
}

/** A method as it was before anything was put around it, bound to its object. */
export function unwrapped<T extends object, K extends MethodOf<T>>(object: T, name: K): T[K] {
  return (wrapped.get(object)?.get(name)?.original ?? bound(object, name)) as T[K]
}

function bound<T extends object>(object: T, name: MethodOf<T>): Method {
  return (object[name] as Method).bind(object)
}

export type MakeFactory = ReturnType<typeof yamux>

/** Changes each muxer that a factory's makers make, as it is made. */
export function onEachMuxer(
  make: MakeFactory,
  change: (muxer: StreamMuxer, connection: MessageStream) => void,
): MakeFactory {
  return (...components) => {
    const factory = make(...components)
    wrap(factory, 'createStreamMuxer', (create) => (connection) => {
      const muxer = create(connection)
      change(muxer, connection)
      return muxer
    })
    return factory
  }
}

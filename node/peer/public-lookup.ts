import { type LookupAddress, type LookupAllOptions, lookup as systemLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import type { TCPOptions } from '@libp2p/tcp'
import { KadlabError } from '../base/errors.ts'

/** A name was dialled that leads to private addresses alone, which this program may not dial. */
export class PrivateHostError extends KadlabError {
  static override readonly name = 'PrivateHostError'
}

/** Which hosts may be dialled. */
export interface DialRules {
  /** A name that is dialled whatever it leads to: an operator's own. */
  isNamed(host: string): boolean
  mayDial(address: string, family: 'ip4' | 'ip6'): boolean
}

type Resolve = (
  name: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void,
) => void

/**
 * Looks names up as the system does, and leaves out what may not be dialled. The address that is looked at is the one
 * that is dialled: a name that is looked up twice can lead elsewhere the second time.
 *
 * What it makes fails with `PrivateHostError` where nothing is left.
 *
 * @param resolve the system's lookup, unless told
 */
export function publicLookup(rules: DialRules, resolve: Resolve = systemLookup): LookupFunction {
  return (host, options, callback) => {
    const wanted: LookupAllOptions = { ...options, all: true }
    resolve(host, wanted, (error, found) => {
      if (error !== null) {
        callback(error, '', 0)
        return
      }
      const left = rules.isNamed(host)
        ? found
        : found.filter(({ address, family }) =>
            rules.mayDial(address, family === 6 ? 'ip6' : 'ip4'),
          )
      const [first] = left
      if (first === undefined) callback(privateHost(host, found), '', 0)
      else if (options.all === true) callback(null, left)
      else callback(null, first.address, first.family)
    })
  }
}

/**
 * Options of @libp2p/tcp, which hands them on to `net.connect` as they are.
 *
 * @param rules null: every name is dialled
 */
export function dialOptions(rules: DialRules | null): TCPOptions {
  if (rules === null) return {}
  const dialOpts = { noDelay: true, lookup: publicLookup(rules) }
  return { dialOpts }
}

function privateHost(host: string, found: readonly LookupAddress[]): PrivateHostError {
  const addresses = found.map(({ address }) => address).join(', ')
  return new PrivateHostError(
    `expected ${host} to lead to a public address, saw ${addresses || 'none'}: private ones are not dialled unasked`,
  )
}

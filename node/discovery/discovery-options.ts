import type { AbortOptions } from '../base/abort-options.ts'

/** What a reading of the ladder may ask for. */
export interface DiscoveryOptions extends AbortOptions {
  /** Dial each listed peer that has not been dialled back yet on a fresh connection before judging. Default false. */
  dialBack?: boolean
  /** With `dialBack`: the targets too that have been dialled back. Default false. */
  again?: boolean
  /** Judge this peer too, though nothing was heard of it (rung `unknown`). Peer ids. */
  targets?: string[]
}

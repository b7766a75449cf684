import { agentOf } from '../base/version.ts'
import type { ItemLimits } from '../config/item-limits.ts'
import type { Observer } from '../discovery/observer.ts'
import type { EventLog } from '../events/event-log.ts'
import type { Peer } from '../peer/peer.ts'
import { LARGEST_PAGE, listKeys } from '../store/held-keys.ts'
import type { LocalRecords } from '../store/local-records.ts'
import type { Providers } from '../store/providers.ts'
import type { Values } from '../store/values.ts'
import type { Clock } from '../time/clock.ts'
import { BadRequestError } from './errors.ts'
import type { NodeApi } from './node-api.ts'
import { createPeerApi } from './peer-api.ts'
import { watchKey } from './watch-key.ts'

export interface LocalApiComponents {
  peer: Peer
  observer: Pick<Observer, 'sightings' | 'dial'>
  values: Values
  records: LocalRecords
  providers: Providers
  events: EventLog
  items: ItemLimits
  clock: Clock
  /** Milliseconds since the node started. */
  elapsedMs: () => number
}

/** The API of a node in this process: what the sim calls, and what the other faces carry. */
export function createLocalApi(components: LocalApiComponents): NodeApi {
  const { peer, values, records, providers, events, items, clock } = components
  return {
    ...createPeerApi({ ...components, agent: agentOf(peer.config.build) }),
    put: async (key, value, options) => values.put(key, value, options),
    async get(key, options) {
      checkAgree(options?.agree)
      return values.get(key, options)
    },
    async list(options) {
      checkLimit(options?.limit)
      return listKeys({ local: records, items }, options)
    },
    delete: async (key, options) => values.delete(key, options),
    watch: (key, options) =>
      watchKey(
        {
          get: async (...read) => values.get(...read),
          current: async (...read) => values.current(...read),
          events: (from) => events.events(from),
        },
        key,
        options,
        clock,
      ),
    provide: async (key, options) => providers.provide(key, options),
    providers: async (key, options) => providers.providers(key, options),
  }
}

function checkLimit(limit = 1): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= LARGEST_PAGE) return
  throw new BadRequestError(`expected a limit of 1 to ${LARGEST_PAGE} keys, saw ${limit}`)
}

function checkAgree(agree = 1): void {
  if (Number.isInteger(agree) && agree >= 1) return
  throw new BadRequestError(`expected one copy or more to agree, saw ${agree}`)
}

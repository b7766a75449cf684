import { BadRequestError } from '#node/api/errors.ts'
import { foreignValue } from '#node/api/foreign-face.ts'
import type { NodeApi } from '#node/api/node-api.ts'
import { NotImplementedError, StoreError } from '#node/api/store-face.ts'
import { type ForeignCommands, ForeignPeerError } from './foreign-commands.ts'
import type { ForeignAnswer } from './foreign-line.ts'

/** What a foreign peer does with records and providers, as the calls of a `NodeApi`. */
export function foreignRecords(
  commands: ForeignCommands,
): Pick<NodeApi, 'put' | 'get' | 'list' | 'delete' | 'watch' | 'provide' | 'providers'> {
  return {
    put: async (key, value, putOptions = {}) => {
      const { replicas, signal } = putOptions
      const base64 = Buffer.from(value).toString('base64')
      try {
        await commands.send(['PUT64', recordKey(key), base64], { signal })
      } catch (error) {
        if (!(error instanceof ForeignPeerError)) throw error
        const copies = { expected: replicas ?? 1, seen: 0 }
        throw new StoreError(`the put was refused: ${error.message}`, copies, { cause: error })
      }
      // Such a peer says that its quorum of one was reached, and not how many more.
      return { copies: 1, holders: [], version: null }
    },
    get: async (key, { signal } = {}) => {
      try {
        const [answer] = await commands.send(['GET', recordKey(key)], { signal })
        if (answer?.event !== 'get' || answer.base64 === undefined) return null
        const read = foreignValue(Buffer.from(recordKey(key)), Buffer.from(answer.base64, 'base64'))
        return read === null ? null : { ...read, from: answer.from ?? null, agreed: 1 }
      } catch (error) {
        if (error instanceof ForeignPeerError && /not found/i.test(error.message)) return null
        throw error
      }
    },
    list: async () => {
      throw new NotImplementedError('peers of other implementations do not say what they hold')
    },
    delete: async () => {
      throw new NotImplementedError('peers of other implementations delete nothing')
    },
    watch() {
      throw new NotImplementedError('peers of other implementations do not say what changes')
    },
    provide: async (key, options) => {
      await commands.send(['PUT_PROVIDER', oneWord(key)], options)
      return { told: 1 }
    },
    providers: async (key, options) => {
      const lines = await commands.send(['GET_PROVIDERS', oneWord(key)], options, isProvidersDone)
      const found = lines.flatMap((line) =>
        line.event === 'providers' ? (line.providers ?? []) : [],
      )
      return [...new Set(found)]
    },
  }
}

function isProvidersDone(answer: ForeignAnswer): boolean {
  return answer.event === 'providers-done'
}

/** The key under which a record is kept. */
function recordKey(key: string): string {
  return `/kv/${oneWord(key)}`
}

function oneWord(key: string): string {
  if (!/\s/.test(key)) return key
  throw new BadRequestError(
    `the key ${JSON.stringify(key)} holds white space, which the line protocol of these peers cannot carry`,
  )
}

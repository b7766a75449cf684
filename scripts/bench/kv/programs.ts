import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { createLinesClient } from '#node/api/lines/client.ts'
import type { NodeApi } from '#node/api/node-api.ts'
import { createForeignPeer } from '#orchestrator/foreign/foreign-peer.ts'

const root = join(import.meta.dirname, '../../..')

/** A program that keeps values, as the bench starts it and speaks to it. */
export interface Program {
  command: (bundle: string) => readonly string[]
  /** Beside where it listens, who it is and whom it joins. */
  env: Readonly<Record<string, string>>
  speak: (output: Readable, input: Writable) => NodeApi & AsyncDisposable
}

const KAD = '/ipfs/kad/1.0.0'
/** All peers share one address: what limits an address would limit the bench. */
const MANY = '10000'

const foreign = (command: readonly string[]): Program => ({
  command: () => command,
  env: { KAD_PROTOCOL: KAD },
  speak: (output, input) => createForeignPeer(output, input),
})

/** What is measured side by side. `npm run peers` builds the ones that are not JavaScript. */
export const PROGRAMS = {
  kadlab: {
    command: (bundle) => [process.execPath, join(bundle, 'kadlab.mjs')],
    env: {
      STDIO_API: 'yes',
      ADDRESS_SCOPE: 'any',
      LOG_LEVEL: 'silent',
      METRICS: 'no',
      KAD_PROTOCOL: KAD,
      MAX_CONNECTIONS_PER_SECOND: MANY,
    },
    speak: (output, input) => createLinesClient(output, input),
  },
  'stock-js': foreign([process.execPath, join(import.meta.dirname, 'stock-peer.ts')]),
  'go-kv': foreign([join(root, 'orchestrator/foreign/go-kv/target/go-kv')]),
  'rust-kv': foreign([join(root, 'orchestrator/foreign/rust-kv/target/release/rust-kv')]),
} as const satisfies Record<string, Program>

export type ProgramName = keyof typeof PROGRAMS

export const PROGRAM_NAMES = Object.keys(PROGRAMS) as ProgramName[]

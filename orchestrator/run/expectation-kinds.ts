import type { NodeApi } from '#node/api/node-api.ts'
import type { AbortOptions } from '#node/base/abort-options.ts'
import { describeError } from '#node/base/errors.ts'
import type { NodeEvent } from '#node/events/node-event.ts'
import type { Sighting } from '#node/judgement/sighting.ts'
import type { Expectation } from '#orchestrator/plan/plan-type.ts'

/** What a look at the lab showed of one expectation. */
export interface Look {
  holds: boolean
  seen: string
  /** True where looking again would change something, or nothing: the first answer stands. */
  final?: boolean
}

/** Who is in the lab at this moment. */
export interface Company {
  /** The API of a running node; throws where it does not run. */
  api(node: string): NodeApi
  /** The peer id of a node, running or not. */
  peerId(node: string): string
  /** The node of a peer id, or the peer id itself. */
  nameOf(peerId: string): string
}

/** The expectation as a sentence. */
export function expectationText(expectation: Expectation): string {
  switch (expectation.kind) {
    case 'connected':
      return `${expectation.observer} is connected to ${expectation.target}`
    case 'lists':
      return `${expectation.observer} lists ${expectation.target}`
    case 'not-lists':
      return `${expectation.observer} does not list ${expectation.target}${because(expectation)}`
    case 'dialable':
      return `${expectation.observer} can dial ${expectation.target}`
    case 'not-dialable':
      return `${expectation.observer} cannot dial ${expectation.target}${because(expectation)}`
    case 'reads':
      return `${expectation.on} reads ${expectation.key}`
    case 'put-fails':
      return `a put of ${expectation.key} on ${expectation.on} is refused`
    case 'finds-provider':
      return `${expectation.on} finds that ${expectation.provider} provides ${expectation.key}`
  }
}

/** What must be seen for it to hold. */
export function expectedText(expectation: Expectation): string {
  switch (expectation.kind) {
    case 'connected':
      return 'connected'
    case 'lists':
      return 'listed'
    case 'not-lists':
      return `not listed${because(expectation)}`
    case 'dialable':
      return 'dialable'
    case 'not-dialable':
      return `not dialable${because(expectation)}`
    case 'reads':
      return `'${expectation.value}'`
    case 'put-fails':
      return 'refused'
    case 'finds-provider':
      return expectation.provider
  }
}

function because({ cause }: { cause: string | null }): string {
  return cause === null ? '' : `: ${cause}`
}

const SIGHTINGS: ReadonlySet<NodeEvent['event']> = new Set([
  'sighting',
  'connected',
  'closed',
  'identified',
  'listed',
  'unlisted',
])
/** A dial-back makes connections of its own: their events must not ask for the next one. */
const DIALABILITY: ReadonlySet<NodeEvent['event']> = new Set([
  'sighting',
  'identified',
  'listed',
  'unlisted',
])
const RECORDS: ReadonlySet<NodeEvent['event']> = new Set([
  'stored',
  'listed',
  'identified',
  'ready',
])

/** The events after which it is worth looking again. */
export function wakingEvents({ kind }: Expectation): ReadonlySet<NodeEvent['event']> {
  switch (kind) {
    case 'connected':
    case 'lists':
    case 'not-lists':
      return SIGHTINGS
    case 'dialable':
    case 'not-dialable':
      return DIALABILITY
    case 'reads':
    case 'put-fails':
    case 'finds-provider':
      return RECORDS
  }
}

/** True for what describes a state, which must last; false for what is done once. */
export function isState({ kind }: Expectation): boolean {
  return !(kind === 'reads' || kind === 'put-fails' || kind === 'finds-provider')
}

/**
 * Looks whether an expectation holds now. A node that does not answer does not hold it.
 *
 * @throws the signal's reason where it aborts
 */
export async function look(
  expectation: Expectation,
  company: Company,
  options: AbortOptions,
): Promise<Look> {
  try {
    return await lookOnce(expectation, company, options)
  } catch (error) {
    options.signal?.throwIfAborted()
    return { holds: false, seen: describeError(error) }
  }
}

async function lookOnce(
  expectation: Expectation,
  company: Company,
  options: AbortOptions,
): Promise<Look> {
  switch (expectation.kind) {
    case 'connected':
    case 'lists':
    case 'not-lists':
    case 'dialable':
    case 'not-dialable': {
      const { observer, target, kind } = expectation
      const peerId = company.peerId(target)
      const dialBack = kind === 'dialable' || kind === 'not-dialable'
      const sightings = await company
        .api(observer)
        .discovery({ ...options, dialBack, targets: [peerId] })
      const sighting = sightings.find((each) => each.peerId === peerId)
      if (sighting === undefined) return { holds: false, seen: `${observer} tells nothing of it` }
      return lookAtSighting(expectation, sighting)
    }
    case 'reads': {
      const outcome = await company.api(expectation.on).get(expectation.key, options)
      if (outcome === null) return { holds: false, seen: 'no record' }
      const value = new TextDecoder().decode(outcome.value)
      return { holds: value === expectation.value, seen: `'${value}'` }
    }
    case 'put-fails':
      return lookAtPut(expectation, company, options)
    case 'finds-provider': {
      const providers = await company.api(expectation.on).providers(expectation.key, options)
      const names = providers.map((peerId) => company.nameOf(peerId))
      const seen = names.length === 0 ? 'no provider' : names.join(', ')
      return { holds: providers.includes(company.peerId(expectation.provider)), seen }
    }
  }
}

function lookAtSighting(
  expectation: Extract<Expectation, { observer: string }>,
  sighting: Sighting,
): Look {
  const because = sighting.cause === null ? '' : `: ${sighting.cause}`
  const listed = known(sighting.listed, 'listed', 'not listed', 'not known whether listed')
  const connected = known(
    sighting.connected,
    'connected',
    'not connected',
    'not known whether connected',
  )
  const dialable = known(sighting.dialable, 'dialable', 'not dialable', 'not dialled')
  switch (expectation.kind) {
    case 'connected':
      return {
        holds: sighting.connected === true,
        seen: `${connected}${sighting.connected === true ? '' : because}`,
      }
    case 'lists':
      return {
        holds: sighting.listed === true,
        seen: `${listed}${sighting.listed === true ? '' : because}`,
      }
    case 'not-lists':
      return {
        holds: sighting.listed === false && causeFits(expectation, sighting),
        seen: `${listed}${because}`,
      }
    case 'dialable':
      return { holds: sighting.dialable === true, seen: `${dialable}${because}` }
    case 'not-dialable':
      return {
        // Not tried is not failed.
        holds: sighting.dialable === false && causeFits(expectation, sighting),
        seen: `${dialable}${because}`,
      }
  }
}

/** Causes that pass by themselves: where none is named, an absence counts once the reason for it is final. */
const PASSING = new Set(['PENDING', 'IDENTIFY_PENDING', 'NOT_DIALLED_BACK', 'NEVER_DIALLED'])

function causeFits({ cause }: { cause: string | null }, sighting: Sighting): boolean {
  if (cause !== null) return sighting.cause === cause
  return sighting.cause !== null && !PASSING.has(sighting.cause)
}

async function lookAtPut(
  { on, key, value }: { on: string; key: string; value: string },
  company: Company,
  options: AbortOptions,
): Promise<Look> {
  const api = company.api(on)
  try {
    const { copies } = await api.put(key, new TextEncoder().encode(value), options)
    return { holds: false, seen: `stored on ${copiesText(copies)}`, final: true }
  } catch (error) {
    options.signal?.throwIfAborted()
    // Anything else (the node is gone, the call timed out) is no refusal.
    const refused = error instanceof Error && error.name === 'StoreError'
    return {
      holds: refused,
      seen: `${refused ? 'refused: ' : ''}${describeError(error)}`,
      final: true,
    }
  }
}

export function copiesText(copies: number): string {
  return copies === 1 ? '1 other peer' : `${copies} other peers`
}

function known(value: boolean | null, yes: string, no: string, unknown: string): string {
  return value === null ? unknown : value ? yes : no
}

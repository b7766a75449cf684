import { CAUSES } from './causes.ts'
import type { Cause, Evidence } from './causes.ts'
import type { Rung } from './ladder.ts'
import { freshDials } from './observation.ts'
import type { Observation } from './observation.ts'

/** What was seen that leads to `cause`: only what bears on it, and nothing that was not seen. */
export function evidenceFor(cause: Cause, observation: Observation): Evidence {
  const mode: Evidence = observation.observer.mode === 'client' ? { observerMode: 'client' } : {}
  const seen = EVIDENCE_OF_RUNG[CAUSES[cause].rung](observation, cause)
  return { ...identity(observation), ...seen, ...mode }
}

/** What a target on the top rung announces in vain: newcomers wait for each of these. Null where nothing is dead. */
export function deadAddresses(observation: Observation): Evidence | null {
  const dials = freshDials(observation)
  return dials.every(({ ok }) => ok) ? null : { dials }
}

const EVIDENCE_OF_RUNG: Readonly<
  Record<Rung, (observation: Observation, cause: Cause) => Evidence>
> = {
  unknown: unconnected,
  connected: ({ identify }) => failure(identify.state === 'failed' ? identify.error : null),
  identified: protocols,
  'speaks-kademlia': addresses,
  addressable: (observation, cause) => ({
    ...addresses(observation),
    ...(VERIFICATION[cause] ?? tableError)(observation),
  }),
  listed: triedAddresses,
  dialable: triedAddresses,
}

function identity({ identify, connections }: Observation): Evidence {
  const agent = identify.state === 'done' ? identify.agent : null
  const remoteAddress = connections[0]?.remoteAddress
  return {
    ...(agent !== null && { agent }),
    ...(remoteAddress !== undefined && { remoteAddress }),
  }
}

function unconnected({ dials, denied, closed, stored }: Observation): Evidence {
  return {
    ...(stored.length > 0 && { stored }),
    ...(dials.length > 0 && { dials }),
    ...(denied !== null && { remoteAddress: denied.address }),
    ...failure(denied?.error ?? closed?.error ?? null),
  }
}

function protocols({ identify, observer, protocolsNow }: Observation): Evidence {
  const named = protocolsNow ?? (identify.state === 'done' ? identify.protocols : null)
  return { ...(named !== null && { protocols: named }), expectedProtocol: observer.protocol }
}

function addresses({ identify, stored, kept, observer }: Observation): Evidence {
  const announced = identify.state === 'done' ? identify.announced : null
  return {
    ...(announced !== null && { announced }),
    ...((announced === null || !sameSet(announced, stored)) && { stored }),
    ...(observer.scope !== null && { scope: observer.scope }),
    kept,
  }
}

function triedAddresses(observation: Observation): Evidence {
  const dials = freshDials(observation)
  return { ...addresses(observation), ...(dials.length > 0 && { dials }) }
}

const VERIFICATION: Partial<Record<Cause, (observation: Observation) => Evidence>> = {
  PING_FAILED: pingError,
  PING_UNSUPPORTED: (observation) => ({ ...protocols(observation), ...pingError(observation) }),
  BUCKET_FULL: ({ table }) => (table.bucket === null ? {} : { bucket: table.bucket }),
  IP_GROUP_FULL: ({ table }) => (table.fullGroup === null ? {} : { group: table.fullGroup }),
  ADMISSION_PROBE_FAILED: ({ table }) => failure(table.probeError),
  EVICTED: ({ table }) => failure(table.removed),
}

function pingError({ ping }: Observation): Evidence {
  return failure(ping?.error ?? null)
}

function tableError({ table }: Observation): Evidence {
  return failure(table.error)
}

function failure(error: string | null): Evidence {
  return error === null ? {} : { error }
}

function sameSet(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((item) => other.includes(item))
}

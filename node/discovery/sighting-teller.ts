import type { Connection } from '@libp2p/interface'
import { describeError } from '../base/errors.ts'
import type { NodeEventBody } from '../events/node-event.ts'
import { CAUSES, type Cause } from '../judgement/causes.ts'
import { judge } from '../judgement/judge.ts'
import { reaches } from '../judgement/ladder.ts'
import type { Sighting } from '../judgement/sighting.ts'
import { withNames } from '../judgement/with-names.ts'
import type { Clock, Timer } from '../time/clock.ts'
import { type Lens, observe, type TargetRecord } from './target-record.ts'

/** As of pino: fields first, then the message. */
export interface ObserverLog {
  warn(fields: Record<string, unknown>, message: string): void
  info(fields: Record<string, unknown>, message: string): void
  debug(fields: Record<string, unknown>, message: string): void
}

export interface TellerComponents {
  lens: Lens
  clock: Clock
  log: ObserverLog
  emit: (event: NodeEventBody) => void
  /** The protocols that a peer speaks now, asked without storing the answer; null where nobody can ask. */
  protocolsNow: (connection: Connection) => Promise<string[] | null>
  /** This node was told to be a client, which then is no fault. */
  isClientByChoice: boolean
  /** What people call a peer. */
  nameOf: (peerId: string) => string
}

/** Judges targets when something of them has changed, tells of each new answer, and warns when one is final. */
export class SightingTeller {
  readonly #components: TellerComponents
  readonly #settleMs: number
  readonly #judging = new Set<Promise<void>>()
  #isRunning = true
  #toldOfClient = false

  /** @param settleMs milliseconds without a new answer after which an answer counts as final */
  constructor(components: TellerComponents, settleMs: number) {
    this.#components = components
    this.#settleMs = settleMs
  }

  /** Judges the target anew, soon; changes that come in the meantime are judged together. */
  touch(record: TargetRecord): void {
    if (!this.#isRunning) return
    record.isChanged = true
    if (record.isJudged) return
    record.isJudged = true
    const judging = this.#judgeWhileChanged(record).finally(() => {
      record.isJudged = false
      this.#judging.delete(judging)
    })
    this.#judging.add(judging)
  }

  /** Makes sure that a time ends after which nothing counts as pending any more. */
  settleSoon(record: TargetRecord): void {
    if (record.settling === null) this.#settleAgain(record)
  }

  /** No warning will come of this target until something changes. */
  forget(record: TargetRecord): void {
    if (record.settling !== null) this.#components.clock.clearTimeout(record.settling)
    record.settling = null
  }

  /** Asks a target that offered no Kademlia whether it does by now: identify push may be missing on either side. */
  async askAgain(record: TargetRecord): Promise<void> {
    const { lens, log, protocolsNow } = this.#components
    const { identify, connections } = record
    if (identify.state !== 'done' || identify.protocols.includes(lens.dht.protocol)) return
    const connection = connections.values().next().value
    if (connection === undefined) return
    try {
      record.protocolsNow = await protocolsNow(connection)
      this.touch(record)
    } catch (error) {
      log.debug({ peer: record.peerId, error: describeError(error) }, 'identify failed')
    }
  }

  /** Ends every timer and waits for what is under way; nothing is told afterwards. */
  async stop(records: readonly TargetRecord[]): Promise<void> {
    this.#isRunning = false
    for (const record of records) this.forget(record)
    await Promise.all(this.#judging)
  }

  async #judgeWhileChanged(record: TargetRecord): Promise<void> {
    while (record.isChanged && this.#isRunning) {
      record.isChanged = false
      try {
        const sighting = judge(await observe(this.#components.lens, record))
        // What has changed while it was observed is about to be judged: half of it is no answer.
        if (!record.isChanged && this.#isRunning) this.#tell(record, sighting)
      } catch (error) {
        const { log } = this.#components
        log.debug({ peer: record.peerId, error: describeError(error) }, 'could not be judged')
      }
    }
  }

  #tell(record: TargetRecord, { rung, cause, evidence, remedy }: Sighting): void {
    if (record.told?.rung === rung && record.told.cause === cause) return
    record.told = { rung, cause }
    this.#components.emit({ event: 'sighting', peer: record.peerId, rung, cause, evidence, remedy })
    if (reaches(rung, 'listed')) record.warned = null
    else if (record.connections.size > 0) this.#settleAgain(record)
  }

  #settleAgain(record: TargetRecord): void {
    if (!this.#isRunning) return
    this.forget(record)
    const { clock, log } = this.#components
    const timer: Timer = clock.setTimeout(() => {
      if (record.settling !== timer) return
      record.settling = null
      this.#settle(record).catch((error: unknown) => {
        log.debug({ peer: record.peerId, error: describeError(error) }, 'could not be judged')
      })
    }, this.#settleMs)
    record.settling = timer
  }

  /** Nothing has changed for a while: what is missing now is missing for good, and this is the sentence to say so. */
  async #settle(record: TargetRecord): Promise<void> {
    record.settled = true
    await this.askAgain(record)
    this.touch(record)
    const sighting = judge(await observe(this.#components.lens, record))
    const { cause, rung, evidence, remedy } = sighting
    if (!this.#isRunning || record.connections.size === 0) return
    this.#tellOfClient()
    if (cause === null || reaches(rung, 'listed') || isPassing(cause)) return
    if (record.warned === cause) return
    record.warned = cause
    // To be a client is a choice, and mostly the right one behind a home's router.
    const level = cause === 'CLIENT_MODE' ? 'info' : 'warn'
    this.#components.log[level](
      { peer: record.peerId, rung, cause, evidence, set: remedy?.set },
      this.#sentenceOf(cause, sighting),
    )
  }

  #sentenceOf(cause: Cause, { peerId, remedy }: Sighting): string {
    const target = this.#components.nameOf(peerId)
    const named = (text: string): string => withNames(text, { observer: 'this node', target })
    const why = named(CAUSES[cause].meaning)
    const setting = settingOf(remedy, target)
    if (setting !== null) return `${target} is not listed here: ${setting} (${why})`
    return `${target} is not listed here: ${why}. ${named(remedy?.text ?? '')}`.trimEnd()
  }

  #tellOfClient(): void {
    const { lens, log, isClientByChoice } = this.#components
    if (this.#toldOfClient || lens.dht.getMode() !== 'client') return
    this.#toldOfClient = true
    const fact = 'this node is a Kademlia client: no other node will list it'
    if (isClientByChoice) log.info({}, `${fact}, as KAD_MODE=client asks.`)
    else log.warn({}, `${fact}. KAD_MODE=server makes it a server.`)
  }
}

/** The one setting that fixes it, and where; null where more has to be said. */
function settingOf(remedy: Sighting['remedy'], target: string): string | null {
  if (remedy?.set === undefined) return null
  if (remedy.on === 'target') return `set ${remedy.set} on ${target}`
  return remedy.on === 'observer' ? `set ${remedy.set} here` : null
}

/** True for a cause that may end without anybody doing something about it; what is retried may as well stay. */
function isPassing(cause: Cause): boolean {
  const { passes } = CAUSES[cause]
  return passes !== undefined && passes !== 'retried'
}

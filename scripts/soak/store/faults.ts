import type { Clock } from '#node/time/clock.ts'
import { delay } from '#node/time/delay.ts'
import type { Random } from '#orchestrator/fabric/sim/random.ts'
import type { Client } from './client.ts'
import { REPUBLISH_MS } from './life.ts'
import type { Members } from './members.ts'

/** Records were given on anew in that time, so that as many machines more may be lost. */
const RECOVERY_MS = 3 * REPUBLISH_MS
const DAY_MS = 24 * 60 * 60 * 1000
/** Fewer machines are no cluster. */
const FEWEST = 5

/** What happens to a cluster. */
export const FAULTS = [
  'part',
  'heal',
  'pause',
  'resume',
  'kill',
  'kill-all',
  'kill-in-put',
  'start',
  'lose',
  'leave',
  'join',
  'clock-back',
  'disk-full',
  'disk-free',
] as const

export type Fault = (typeof FAULTS)[number]

export interface FaultsInit {
  members: Members
  client: Client
  clock: Clock
  random: Random
  keys: readonly string[]
}

/** Faults within what the store promises: machines are lost only in such numbers, and after such a time, as it allows. */
export class Faults {
  readonly #init: FaultsInit
  /** When something last kept records from being given on. */
  #unwellMs = 0
  /** How often each fault has happened. */
  readonly happened = new Map<Fault, number>()

  constructor(init: FaultsInit) {
    this.#init = init
  }

  async next(): Promise<void> {
    const { random } = this.#init
    const fault = FAULTS[random.integer(0, FAULTS.length - 1)] ?? 'heal'
    if (await this.#happen(fault)) this.happened.set(fault, (this.happened.get(fault) ?? 0) + 1)
  }

  /** All that hold what is there now leave one by one, as others come. */
  async leaveOneByOne(): Promise<void> {
    const { members, clock, random } = this.#init
    await this.stop()
    await delay(clock, RECOVERY_MS)
    for (const member of members.all) {
      await members.join()
      await delay(clock, random.integer(5000, 20_000))
      await members.leave(member)
    }
    this.#unwell()
  }

  /** Every machine is lost without a word within an hour, and another one comes. */
  async turnOver(): Promise<void> {
    const { members, clock } = this.#init
    await this.stop()
    const everyMs = (60 * 60 * 1000) / members.all.length
    for (const member of members.all) {
      await delay(clock, everyMs)
      members.lose(member)
      await members.join()
    }
    this.#unwell()
  }

  /** No fault goes on: everybody runs, is reached, has room and the right time. */
  async stop(): Promise<void> {
    const { members } = this.#init
    members.network.heal()
    for (const member of members.all) {
      member.disk.isFull = false
      member.life?.clock.resume()
      if (member.offsetMs !== 0) members.kill(member)
      member.offsetMs = 0
      members.start(member)
    }
    this.#unwell()
  }

  /** False where it cannot happen now. */
  async #happen(fault: Fault): Promise<boolean> {
    const { members, random } = this.#init
    const { running, awake, paused, down, network, all } = members
    switch (fault) {
      case 'part': {
        const aside = running.filter(() => random.fraction() < 0.4)
        if (aside.length === 0) return false
        network.part(aside.flatMap(({ life }) => life ?? []))
        return this.#unwell()
      }
      case 'heal':
        if (!network.isParted) return false
        network.heal()
        return this.#unwell()
      case 'pause':
        this.#pick(awake)?.life?.clock.pause()
        return this.#unwell()
      case 'resume':
        this.#pick(paused)?.life?.clock.resume()
        return paused.length > 0 && this.#unwell()
      case 'kill':
        for (const one of this.#some(running, random.integer(1, 3))) members.kill(one)
        return this.#unwell()
      case 'kill-all':
        for (const one of running) members.kill(one)
        for (const one of all) members.start(one)
        return this.#unwell()
      case 'kill-in-put':
        return this.#killInPut()
      case 'start':
        for (const one of down) members.start(one)
        return down.length > 0 && this.#unwell()
      case 'lose':
        return this.#loseHolders()
      case 'leave': {
        const [leaving] = this.#some(all, 1)
        if (leaving === undefined || all.length <= FEWEST || !this.#isWell()) return false
        await members.leave(leaving)
        return this.#unwell()
      }
      case 'join':
        if (all.length > 9) return false
        await members.join()
        return this.#unwell()
      case 'clock-back': {
        const one = this.#pick(running)
        if (one === undefined) return false
        members.kill(one)
        one.offsetMs = one.offsetMs === 0 ? -DAY_MS : 0
        members.start(one)
        return this.#unwell()
      }
      case 'disk-full': {
        const one = this.#pick(all)
        if (one !== undefined) one.disk.isFull = true
        return this.#unwell()
      }
      case 'disk-free':
        for (const one of all) one.disk.isFull = false
        return this.#unwell()
    }
  }

  /** Machines are lost right after a write was acknowledged that they hold, or made: fewer than have copies. */
  async #loseHolders(): Promise<boolean> {
    const { members, random, client, keys } = this.#init
    if (!this.#isWell()) return false
    const writer = this.#pick(members.awake)
    const key = this.#pick(keys)
    if (writer === undefined || key === undefined || !(await client.put(writer, key))) return false
    const most = Math.min(client.fewestCopies - 1, members.all.length - FEWEST)
    if (most < 1) return false
    const holders = new Set(client.holders)
    const having = members.running.filter(
      (each) => each === writer || holders.has(each.life?.contact.peerId.toString() ?? ''),
    )
    for (const one of this.#some(having, random.integer(1, most))) members.lose(one)
    return this.#unwell()
  }

  /** Some are killed at whatever moment of a put, the writer or holders, and come again. */
  async #killInPut(): Promise<boolean> {
    const { members, random, keys, client, clock } = this.#init
    const writer = this.#pick(members.awake)
    const key = this.#pick(keys)
    if (writer === undefined || key === undefined) return false
    const dying = this.#some(members.running, random.integer(1, 3))
    const killing = async (): Promise<void> => {
      await delay(clock, random.fraction() * 150)
      for (const one of dying) members.kill(one)
    }
    await Promise.all([client.put(writer, key), killing()])
    for (const one of dying) members.start(one)
    return this.#unwell()
  }

  /** True where all have run and reached each other long enough. */
  #isWell(): boolean {
    const { members, clock } = this.#init
    const isWhole =
      !members.network.isParted &&
      members.awake.length === members.all.length &&
      members.all.every(({ disk, offsetMs }) => !disk.isFull && offsetMs === 0)
    return isWhole && clock.now() - this.#unwellMs >= RECOVERY_MS
  }

  #unwell(): true {
    this.#unwellMs = this.#init.clock.now()
    return true
  }

  #pick<T>(from: readonly T[]): T | undefined {
    return this.#some(from, 1)[0]
  }

  #some<T>(from: readonly T[], count: number): T[] {
    const left = [...from]
    const drawn: T[] = []
    while (drawn.length < count && left.length > 0) {
      drawn.push(...left.splice(this.#init.random.integer(0, left.length - 1), 1))
    }
    return drawn
  }
}

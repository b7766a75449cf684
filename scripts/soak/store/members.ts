import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import type { Clock } from '#node/time/clock.ts'
import { delay } from '#node/time/delay.ts'
import type { Random } from '#orchestrator/fabric/sim/random.ts'
import { Disk } from './disk.ts'
import { Life } from './life.ts'
import { Network } from './network.ts'

/** A machine: its identity and its disk stay while processes come and go. */
export interface Member {
  readonly name: string
  readonly privateKey: PrivateKey
  readonly disk: Disk
  life: Life | null
  /** Processes that have run on it. */
  lives: number
  /** How far its clock is ahead of the true one, in ms; a process that starts goes by it. */
  offsetMs: number
}

export interface MembersInit {
  clock: Clock
  random: Random
  /** Kademlia's k. */
  count: number
}

/** The machines of a cluster. */
export class Members {
  readonly network: Network
  readonly #init: MembersInit
  readonly #all: Member[] = []
  #made = 0

  constructor(init: MembersInit) {
    this.#init = init
    this.network = new Network(init.clock, init.random)
  }

  /** Those that are there at this moment. */
  get all(): Member[] {
    return [...this.#all]
  }

  get running(): Member[] {
    return this.#all.filter(({ life }) => life !== null)
  }

  get awake(): Member[] {
    return this.#all.filter(({ life }) => life !== null && !life.clock.isPaused)
  }

  get paused(): Member[] {
    return this.#all.filter(({ life }) => life?.clock.isPaused === true)
  }

  get down(): Member[] {
    return this.#all.filter(({ life }) => life === null)
  }

  /** The name of whoever reads at a member: each process is another. */
  readerAt({ name, lives }: Member): string {
    return `${name}#${lives}`
  }

  /** A machine that was not there before joins. */
  async join(): Promise<Member> {
    this.#made += 1
    const seed = Buffer.alloc(32, `soak ${this.#init.random.integer(0, 0x7fff_ffff)}`)
    const privateKey = await generateKeyPairFromSeed('Ed25519', seed)
    const life = null
    const name = `n${this.#made}`
    const member: Member = { name, privateKey, disk: new Disk(), life, lives: 0, offsetMs: 0 }
    this.#all.push(member)
    this.start(member)
    return member
  }

  start(member: Member): void {
    if (member.life !== null) return
    member.lives += 1
    const { privateKey, disk, offsetMs } = member
    member.life = new Life({ ...this.#init, network: this.network, privateKey, disk, offsetMs })
    this.network.add(member.life)
    member.life.start()
  }

  /** `kill -9`; its disk stays. */
  kill(member: Member): void {
    const { life } = member
    if (life === null) return
    member.life = null
    this.network.remove(life)
    life.kill()
  }

  /** A machine is lost with all that is on it. */
  lose(member: Member): void {
    this.kill(member)
    member.disk.wipe()
    this.#all.splice(this.#all.indexOf(member), 1)
  }

  /** A machine is given up: its process ends as it should, and its disk with it. */
  async leave(member: Member): Promise<void> {
    await member.life?.leave()
    this.lose(member)
  }

  /** Awaits that every process that runs lists every other. False where the time is over first. */
  async allListed(withinMs: number): Promise<boolean> {
    const { clock } = this.#init
    const until = clock.now() + withinMs
    for (;;) {
      const lives = this.running.flatMap(({ life }) => life ?? [])
      const isFull = lives.every(({ light }) =>
        lives.every(
          ({ contact }) => contact.name === light.contact.name || light.isListed(contact.name),
        ),
      )
      if (isFull) return true
      if (clock.now() >= until) return false
      await delay(clock, 1000)
    }
  }
}

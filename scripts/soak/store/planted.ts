import type { Clock } from '#node/time/clock.ts'
import { delay } from '#node/time/delay.ts'
import type { Client } from './client.ts'
import type { Member, Members } from './members.ts'

/** Faults beyond what the store promises, planted to see that each is noticed. */
export const STORE_CANARIES = ['lost-write', 'goes-back', 'undeleted', 'never-written'] as const

export type StoreCanary = (typeof STORE_CANARIES)[number]

export interface PlantedInit {
  members: Members
  client: Client
  clock: Clock
}

const KEY = 'a'
/** So often a write is tried until it is acknowledged: faults have just stopped. */
const TRIES = 100

/** Plants a fault in a cluster in which all is well. */
export async function plant(canary: StoreCanary, init: PlantedInit): Promise<void> {
  const { members, client, clock } = init
  const [first] = members.running
  if (first === undefined) throw new Error('there is nobody to plant a fault at')
  const acknowledged = async (write: () => Promise<boolean>): Promise<void> => {
    for (let tried = 0; tried < TRIES; tried += 1) {
      if (await write()) return
      await delay(clock, 1000)
    }
    throw new Error(`a write was not acknowledged within ${TRIES} s`)
  }
  const put = (): Promise<void> => acknowledged(() => client.put(first, KEY))
  const restart = (work: (member: Member) => void): void => {
    for (const member of members.all) members.kill(member)
    for (const member of members.all) work(member)
    for (const member of members.all) members.start(member)
  }
  await put()
  if (canary === 'lost-write') {
    restart(({ disk }) => disk.wipe())
  } else if (canary === 'never-written') {
    await first.life?.call((values) => values.put(KEY, Buffer.from('nobody wrote it')))
    await client.read(first, KEY)
  } else {
    await delay(clock, 1000)
    const disks = new Map<Member, Awaited<ReturnType<Member['disk']['copy']>>>()
    for (const member of members.all) disks.set(member, await member.disk.copy())
    if (canary === 'undeleted') await acknowledged(() => client.delete(first, KEY))
    else await put()
    restart((member) => {
      const copy = disks.get(member)
      if (copy !== undefined) member.disk.restore(copy)
      // Its readers are told that they are the same as before.
      if (canary === 'goes-back') member.lives -= 1
    })
  }
}

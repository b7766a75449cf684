import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { bundle as makeBundle } from '../../pack/bundle.ts'
import { ATTACK_NAMES, type Attack, type AttackName, ATTACKS } from './attacks.ts'
import { type HonestNode, startHonest } from './honest.ts'
import { type Fare, fare } from './measure.ts'
import { ATTACKER_HOSTS, isInside, PORT, runInside } from './namespace.ts'
import { judgeAttack, type Verdict } from './verdict.ts'

export class AttackWordsError extends Error {
  static override readonly name = 'AttackWordsError'
}

/** One attack: how honest people fared before, meanwhile and afterwards. */
export interface AttackResult {
  name: AttackName
  about: string
  before: Fare
  during: Fare
  after: Fare
  verdict: Verdict
}

const HONEST_NODES = 5
const BEFORE_MS = 5000
const DURING_MS = 12_000
const AFTER_MS = 5000
/** What was taken is to be given back within this. */
const BACK_WITHIN_MS = 60_000

/**
 * Attacks a node as strangers on a public address do, with honest peers beside it, in a network namespace with nothing
 * but loopback.
 *
 * @param names attacks, separated by commas; `all` for every one
 * @throws AttackWordsError where there is no such attack.
 * @throws NoNamespaceError where the machine forbids namespaces.
 */
export async function benchAttack(
  names: string,
  signal: AbortSignal,
): Promise<{ attacks: AttackResult[] }> {
  const wanted = names === 'all' ? ATTACK_NAMES : names.split(',').map(attackOf)
  if (!isInside()) return JSON.parse(await runInside(signal)) as { attacks: AttackResult[] }
  await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-attack-'))
  await makeBundle(folder.path)
  const attacks: AttackResult[] = []
  for (const name of wanted) {
    const result = await measureAttack(name, { bundle: folder.path, signal })
    const { met, why } = result.verdict
    console.error(`${met ? '✔' : '✘'} ${name}${why.length === 0 ? '' : `: ${why.join('; ')}`}`)
    attacks.push(result)
  }
  return { attacks }
}

async function measureAttack(
  name: AttackName,
  options: { bundle: string; signal: AbortSignal },
): Promise<AttackResult> {
  await using stack = new AsyncDisposableStack()
  const attacked = stack.use(await startHonest(0, null, options))
  const other = stack.use(await startHonest(1, attacked, options))
  const honest: [HonestNode, HonestNode, ...HonestNode[]] = [attacked, other]
  for (let index = 2; index < HONEST_NODES; index += 1) {
    honest.push(stack.use(await startHonest(index, attacked, options)))
  }
  await untilListed(honest, options.signal)
  // What a node does for the first time is compiled then.
  await fare(honest, 'warm', { lastMs: 2000, ...options })
  const before = await fare(honest, 'before', { lastMs: BEFORE_MS, ...options })
  const attackers = startAttackers(name, attacked)
  const during = await fare(honest, 'during', { lastMs: DURING_MS, ...options })
  await attackers.end()
  const since = performance.now()
  let after = await fare(honest, 'after', { lastMs: AFTER_MS, ...options })
  for (
    let round = 0;
    !isBack(before, after) && performance.now() - since < BACK_WITHIN_MS;
    round += 1
  ) {
    after = await fare(honest, `after-${round}`, { lastMs: AFTER_MS, ...options })
  }
  const { about } = ATTACKS[name]
  return { name, about, before, during, after, verdict: judgeAttack(before, during, after) }
}

function isBack(before: Fare, after: Fare): boolean {
  return judgeAttack(before, before, after).met
}

function startAttackers(name: AttackName, attacked: HonestNode): { end(): Promise<void> } {
  const { attackers = 1 }: Attack = ATTACKS[name]
  const program = join(import.meta.dirname, 'attacker.ts')
  const children = ATTACKER_HOSTS.slice(0, attackers).map((host) => {
    const address = `/ip4/${host}/tcp/${PORT}/p2p/${attacked.peerId}`
    // It ends by itself, should this process not be there to end it.
    const words = [program, name, host, address, String(2 * DURING_MS)]
    return spawn(process.execPath, words, { stdio: 'ignore' })
  })
  return {
    async end() {
      await Promise.all(
        children.map(async (child) => {
          const gone = child.exitCode === null ? once(child, 'exit') : null
          child.kill('SIGKILL')
          await gone
        }),
      )
    },
  }
}

async function untilListed(honest: readonly HonestNode[], signal: AbortSignal): Promise<void> {
  for (;;) {
    const listed = await Promise.all(
      honest.map(async ({ api }) => (await api.status({ signal })).listed),
    )
    if (Math.min(...listed) >= honest.length - 1) return
    await delay(50, undefined, { signal })
  }
}

function attackOf(word: string): AttackName {
  const found = ATTACK_NAMES.find((name) => name === word)
  if (found !== undefined) return found
  throw new AttackWordsError(
    `--attack: expected all or some of ${ATTACK_NAMES.join(', ')}, saw ${word}`,
  )
}

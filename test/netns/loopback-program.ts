import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** A peer of another implementation on loopback; nothing of it is left once it is disposed of. */
export interface LoopbackProgram extends AsyncDisposable {
  /** Its multiaddr, with its peer id. */
  address: string
}

/** Starts a program whose first line is the multiaddr at which it listens. */
export async function startLoopbackProgram(
  [program, ...words]: readonly [string, ...string[]],
  { env, stderr }: { env: Record<string, string>; stderr: 'inherit' | 'ignore' },
): Promise<LoopbackProgram> {
  const child = spawn(program, words, { env, stdio: ['pipe', 'pipe', stderr] })
  const ended = once(child, 'exit')
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
  }
  for await (const address of createInterface({ input: child.stdout })) {
    assert.match(address, /^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\//)
    return { address, [Symbol.asyncDispose]: stop }
  }
  await stop()
  throw new Error(`${program} ended before it listened`)
}

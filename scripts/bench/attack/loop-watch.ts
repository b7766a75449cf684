// Loaded before a node (`--import`): says on file descriptor 3, each time that the event loop stood still, for how many
// milliseconds. The time in which the thread had work and waited for a CPU is left out: other processes had it.
import { openSync, readSync, writeSync } from 'node:fs'

const EVERY_MS = 10
const NANOSECONDS_PER_MS = 1e6
// proc_pid_schedstat: nanoseconds on a CPU, nanoseconds of waiting for one, and how often.
const schedule = openSync('/proc/thread-self/schedstat', 'r')
const buffer = Buffer.alloc(64)
let last = performance.now()
let lastWaited = waitedMs()

setInterval(() => {
  const now = performance.now()
  const waited = waitedMs()
  const stoodMs = now - last - EVERY_MS - (waited - lastWaited)
  last = now
  lastWaited = waited
  if (stoodMs > EVERY_MS) {
    try {
      writeSync(3, `${Math.round(stoodMs)}\n`)
    } catch {
      // Whoever reads is busy: a longer one will come.
    }
  }
}, EVERY_MS).unref()

function waitedMs(): number {
  const length = readSync(schedule, buffer, 0, buffer.byteLength, 0)
  return Number(buffer.toString('latin1', 0, length).split(' ')[1]) / NANOSECONDS_PER_MS
}

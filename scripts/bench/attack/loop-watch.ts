// Loaded before a node (`--import`): says on file descriptor 3, each time that the event loop stood still, for how many
// milliseconds. What the machine gave to others counts too.
import { writeSync } from 'node:fs'

const EVERY_MS = 10
let last = performance.now()

setInterval(() => {
  const now = performance.now()
  const stoodMs = now - last - EVERY_MS
  last = now
  if (stoodMs > EVERY_MS) {
    try {
      writeSync(3, `${Math.round(stoodMs)}\n`)
    } catch {
      // Whoever reads is busy: a longer one will come.
    }
  }
}, EVERY_MS).unref()

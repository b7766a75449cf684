// Loaded before each test file: ends a process that lives on after its last test, which is a fault of that file (it
// left something open). Node's own --test-force-exit hides the fault, and loses the end of the report with it: the
// process exits before its pipe is empty (nodejs/node issue 64833).
import { after } from 'node:test'

const patienceMs = Number(process.env['TEST_END_PATIENCE_MS'] ?? 20_000)

after(() => {
  setTimeout(() => {
    const open = process.getActiveResourcesInfo().join(', ')
    console.error(`still open ${patienceMs} ms after the last test: ${open}`)
    process.exit(1)
  }, patienceMs).unref()
})

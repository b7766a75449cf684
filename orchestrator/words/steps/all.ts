/** Every step of the scenario language, one line each: its file is all that is to be known of it. */
export { expect } from './expect.ts'
export { flushNat } from './flush-nat.ts'
export { provide } from './provide.ts'
export { put } from './put.ts'
export { restart } from './restart.ts'
export { start } from './start.ts'
export { stop } from './stop.ts'
export { wait } from './wait.ts'

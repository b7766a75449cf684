/** Every expectation of the scenario language, one line each: its file is all that is to be known of it. */
export { connected } from './connected.ts'
export { dialable } from './dialable.ts'
export { findsProvider } from './finds-provider.ts'
export { lists } from './lists.ts'
export { notDialable } from './not-dialable.ts'
export { notLists } from './not-lists.ts'
export { putFails } from './put-fails.ts'
export { reads } from './reads.ts'

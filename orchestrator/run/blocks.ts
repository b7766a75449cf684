import type { Block } from '#orchestrator/net/block.ts'

/** What a variant's steps have blocked so far. */
export interface Blocks {
  readonly all: readonly Block[]
  add(blocks: readonly Block[]): void
  /** Ends what is blocked between two nodes, both ways. */
  remove(pair: readonly [string, string]): void
  clear(): void
  /** Whether something is blocked between two nodes, one way or both. */
  between(one: string, other: string): boolean
}

export function createBlocks(): Blocks {
  let all: readonly Block[] = []

  return {
    get all() {
      return all
    },
    add(blocks) {
      // The last word on a pair stands.
      const anew = new Set(blocks.map(({ from, to }) => `${from} ${to}`))
      all = [...all.filter(({ from, to }) => !anew.has(`${from} ${to}`)), ...blocks]
    },
    remove([one, other]) {
      all = all.filter((block) => !concerns(block, one, other))
    },
    clear() {
      all = []
    },
    between: (one, other) => all.some((block) => concerns(block, one, other)),
  }
}

function concerns({ from, to }: Block, one: string, other: string): boolean {
  return (from === one && to === other) || (from === other && to === one)
}

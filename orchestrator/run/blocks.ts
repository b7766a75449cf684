import type { Block } from '#orchestrator/net/block.ts'

/** What a variant's steps have blocked so far, and whose cables they have pulled. */
export interface Blocks {
  readonly all: readonly Block[]
  add(blocks: readonly Block[]): void
  /** Ends what is blocked between two nodes, both ways. */
  remove(pair: readonly [string, string]): void
  /** Ends all that is blocked; cables stay as they are. */
  clear(): void
  /** Pulls the cable between these nodes and all others. */
  cut(inside: readonly string[]): void
  /** Plugs the cable in again that was pulled for these nodes. */
  plugIn(inside: readonly string[]): void
  /** Whether something is blocked between two nodes, one way or both. */
  between(one: string, other: string): boolean
}

/** @param nodes names of all that a variant has */
export function createBlocks(nodes: readonly string[]): Blocks {
  let added: readonly Block[] = []
  let all: readonly Block[] = []
  /** By the names of the nodes that are cut off. */
  const cuts = new Map<string, readonly Block[]>()

  /** A pulled cable comes before whatever else is blocked. */
  const update = (): void => {
    const cut = new Map([...cuts.values()].flat().map((block) => [wayOf(block), block]))
    all = [...added.filter((block) => !cut.has(wayOf(block))), ...cut.values()]
  }

  return {
    get all() {
      return all
    },
    add(blocks) {
      // The last word on a pair stands.
      const anew = new Set(blocks.map(wayOf))
      added = [...added.filter((block) => !anew.has(wayOf(block))), ...blocks]
      update()
    },
    remove([one, other]) {
      added = added.filter((block) => !concerns(block, one, other))
      update()
    },
    clear() {
      added = []
      update()
    },
    cut(inside) {
      const outside = nodes.filter((node) => !inside.includes(node))
      const pairs = inside.flatMap((one) => outside.map((other): [string, string] => [one, other]))
      const blocks = pairs.flatMap(([one, other]) => [dropped(one, other), dropped(other, one)])
      cuts.set(inside.join(' '), blocks)
      update()
    },
    plugIn(inside) {
      cuts.delete(inside.join(' '))
      update()
    },
    between: (one, other) => all.some((block) => concerns(block, one, other)),
  }
}

function dropped(from: string, to: string): Block {
  return { from, to, by: 'drop', port: null }
}

function wayOf({ from, to }: Block): string {
  return `${from} ${to}`
}

function concerns({ from, to }: Block, one: string, other: string): boolean {
  return (from === one && to === other) || (from === other && to === one)
}

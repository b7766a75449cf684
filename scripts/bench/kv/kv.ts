import type { Figure } from '../figures/figure.ts'
import { type Measured, measureKv } from './measure.ts'
import { PROGRAM_NAMES, type ProgramName } from './programs.ts'
import { ratios } from './ratios.ts'

/** The words of the command line, as they were written. */
export interface KvWords {
  peers: string
  programs: string
  rounds: string
}

export class KvWordsError extends Error {
  static override readonly name = 'KvWordsError'
}

/**
 * Measures the store beside those of other implementations.
 *
 * @throws KvWordsError where the words make no sense.
 */
export async function benchKv(
  words: KvWords,
  signal: AbortSignal,
): Promise<{ figures: Figure[]; measured: Measured[] }> {
  const measured = await measureKv({
    programs: words.programs.split(',').map(programOf),
    sizes: words.peers.split(',').map((word) => wholeNumber('--peers', word, 2, 200)),
    rounds: wholeNumber('--rounds', words.rounds, 1, 10_000),
    signal,
    onProgress: (line) => console.error(line),
  })
  return { figures: ratios(measured), measured }
}

function programOf(word: string): ProgramName {
  const found = PROGRAM_NAMES.find((name) => name === word)
  if (found !== undefined) return found
  throw new KvWordsError(`--programs: expected some of ${PROGRAM_NAMES.join(', ')}, saw ${word}`)
}

function wholeNumber(flag: string, word: string, min: number, max: number): number {
  const number = Number(word)
  if (/^\d+$/.test(word) && number >= min && number <= max) return number
  throw new KvWordsError(`${flag}: expected whole numbers from ${min} to ${max}, saw ${word}`)
}

import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * 16 hexadecimal digits that stand for files and what else decides what is made from them.
 *
 * @param files - paths from `folder`, in an order that is always the same
 * @param rest - whatever JSON can hold
 */
export async function hashFiles(
  folder: string,
  files: readonly string[],
  rest: unknown = null,
): Promise<string> {
  const contents = await Promise.all(files.map((file) => readFile(join(folder, file))))
  const hash = createHash('sha256').update(JSON.stringify(rest))
  for (const [index, content] of contents.entries()) {
    hash.update(`\n${files[index]} ${content.length}\n`).update(content)
  }
  return hash.digest('hex').slice(0, 16)
}

/**
 * Calls `act` for each item, for at most `limit` of them at a time.
 *
 * @throws the first error; no further item is begun after it.
 */
export async function forEachOf<T>(
  items: readonly T[],
  limit: number,
  act: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values()
  let hasFailed = false
  const work = async (): Promise<void> => {
    for (const item of left) {
      if (hasFailed) return
      try {
        await act(item)
      } catch (error) {
        hasFailed = true
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work))
}

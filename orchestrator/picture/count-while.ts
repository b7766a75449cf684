/** How many of a list are as wanted, where those that are stand before all that are not. */
export function countWhile<T>(list: readonly T[], isWanted: (item: T) => boolean): number {
  let [low, high] = [0, list.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (isWanted(list[middle] as T)) low = middle + 1
    else high = middle
  }
  return low
}

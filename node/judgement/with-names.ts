/** A sentence about "the target" and "the observer" with their names. */
export function withNames(
  text: string,
  { observer, target }: { observer: string; target: string },
): string {
  return text
    .replaceAll(/\bthe target's\b/gi, `${target}'s`)
    .replaceAll(/\bthe observer's\b/gi, `${observer}'s`)
    .replaceAll(/\bthe target\b/gi, target)
    .replaceAll(/\bthe observer\b/gi, observer)
}

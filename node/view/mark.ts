import type { Style } from './style.ts'

/** Whether something holds, as one sign: ✔, ✘, or · where it was not tried. */
export function outcomeMark(ok: boolean | null, style: Style): string {
  if (ok === null) return style('dim', '·')
  return ok ? style('green', '✔') : style('red', '✘')
}

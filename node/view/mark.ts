import type { Style } from './style.ts'

/** Whether something holds, as one sign: ✔, ✘, or · where it was not tried. */
export function outcomeMark(ok: boolean | null, style: Style): string {
  if (ok === null) return style('dim', '·')
  return ok ? style('green', '✔') : style('red', '✘')
}

/** The sign of what holds in part: that it holds is not all there is to say. */
export function partMark(style: Style): string {
  return style('yellow', '!')
}

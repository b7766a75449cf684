import { styleText } from 'node:util'

type Format = 'red' | 'green' | 'yellow' | 'cyan' | 'dim' | 'bold'

/** Colours a text, or leaves it as it is. */
export type Style = (format: Format | Format[], text: string) => string

/** @param colors - whether to colour at all */
export function createStyle(colors: boolean): Style {
  if (!colors) return (_format, text) => text
  return (format, text) => styleText(format, text, { validateStream: false })
}

/** Whether a stream wants colours: a terminal that is not dumb, or FORCE_COLOR; never with NO_COLOR. */
export function wantsColors(
  isTerminal: boolean,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false
  const forced = env['FORCE_COLOR']
  if (forced !== undefined) return forced !== '0'
  return isTerminal && env['TERM'] !== 'dumb'
}

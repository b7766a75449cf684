import { asTyped } from './base/typed.ts'
import { CONFIG_VARIABLES } from './config/config.ts'
import { wrap } from './view/text.ts'

type Env = Readonly<Record<string, string | undefined>>

/** What each command of a node's program takes, but for the doctor, which says it itself. */
const TEXTS: Readonly<Record<string, (env: Env, width: number) => string[]>> = {
  node: (env, width) => [
    `Usage: ${asTyped(env, 'node')}`,
    '',
    ...wrap(
      'Runs one node in the foreground until it gets SIGTERM or SIGINT (Ctrl-C). Its environment is its configuration; a wrong setting ends it with status 2 and names every fault.',
      width,
    ),
    ...CONFIG_VARIABLES.flatMap(({ name, default: fallback, doc }) => [
      '',
      fallback === '' ? name : `${name} (default: ${fallback})`,
      ...wrap(doc, width - 4).map((line) => `    ${line}`),
    ]),
  ],
  shell: (env, width) => [
    `Usage: ${asTyped(env, 'shell', { operands: '[command of the prompt]' })}`,
    '',
    ...wrap(
      'A prompt for the node whose API listens at API_LISTEN (the path of a socket, or host:port); HELP lists its commands. With words: that one command. Status 0 where it succeeded, 1 where it failed, 2 without API_LISTEN.',
      width,
    ),
  ],
  'api-gateway': (env, width) => [
    `Usage: ${asTyped(env, 'api-gateway', { operands: '<folder> [page.html]' })}`,
    '',
    ...wrap(
      'One page and one address, API_LISTEN, for all nodes whose API sockets lie in folders of this folder. The page is one that scripts/pack/page.ts made; without it, a plain index.',
      width,
    ),
  ],
}

/** The help of a command; null where it has its own, or there is no such command. */
export function helpOf(command: string, env: Env, columns: number): string | null {
  if (!Object.hasOwn(TEXTS, command)) return null
  return `${TEXTS[command]?.(env, Math.min(columns, 100)).join('\n')}\n`
}

import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { askDiscovery } from './api/ask-discovery.ts'
import { BadRequestError, NotFoundError } from './api/errors.ts'
import type { NodeApi } from './api/node-api.ts'
import { describeError } from './base/errors.ts'
import { visible, visibleLines } from './base/visible.ts'
import { discoveryView } from './view/cell.ts'
import { discoveryLines } from './view/discovery.ts'
import type { Style } from './view/style.ts'

/** What every command of the shell knows. */
export interface ShellContext {
  /** The node. */
  api: NodeApi
  /** Names of peers, by peer id. */
  names: ReadonlyMap<string, string>
  /** Characters in a line. */
  width: number
  style: Style
  /** Shows at once what a command has to say before it ends. */
  print: (text: string) => void
}

export interface ShellComponents extends Omit<ShellContext, 'print'> {
  input: Readable
  output: Writable
  /** True at a terminal: prompts, and a command that fails does not count. */
  interactive: boolean
}

interface Command {
  usage: string
  help: string
  /** Least words after the name. */
  words: number
  run: (context: ShellContext, words: string[], rest: string) => Promise<string>
}

const COMMANDS: Readonly<Record<string, Command>> = {
  GET: {
    usage: 'GET <key>',
    help: 'prints the value under a key',
    words: 1,
    async run({ api }, [key = '']) {
      const found = await api.get(key)
      if (found === null) throw new NotFoundError(`no value under ${JSON.stringify(key)}`)
      const from = found.from ?? (found.agreed > 1 ? 'self' : 'self alone')
      const version = found.version === null ? 'a plain record' : `version ${found.version}`
      return `${Buffer.from(found.value).toString()}\n(from ${from}, ${version})\n`
    },
  },
  PUT: {
    usage: 'PUT <key> <value>',
    help: 'stores the rest of the line under a key',
    words: 2,
    async run({ api }, [key = ''], rest) {
      const { copies } = await api.put(key, Buffer.from(rest.slice(key.length).trim()))
      return `stored at ${otherPeers(copies)}\n`
    },
  },
  DELETE: {
    usage: 'DELETE <key>',
    help: 'deletes what is under a key',
    words: 1,
    async run({ api }, [key = '']) {
      const { copies } = await api.delete(key)
      return `deleted at ${otherPeers(copies)}\n`
    },
  },
  WATCH: {
    usage: 'WATCH <key> [<count>]',
    help: 'prints what is under a key, and each newer version as it comes: so many of them, or until the shell ends',
    words: 1,
    async run({ api, print }, [key = '', count = 'all']) {
      let left = count === 'all' ? Infinity : Number(count)
      for await (const { value, version } of api.watch(key)) {
        const text = value === null ? '(nothing)' : Buffer.from(value).toString()
        print(`${text}\n(${version === null ? 'no version' : `version ${version}`})\n`)
        left -= 1
        // Not a number: one is enough.
        if (!(left > 0)) break
      }
      return ''
    },
  },
  LIST: {
    usage: 'LIST [<after>]',
    help: 'prints keys whose values this node itself holds, those behind another key',
    words: 0,
    async run({ api }, _words, after) {
      const { keys, next } = await api.list({ after: readKey(after) })
      if (keys.length === 0) return 'none\n'
      const lines = keys.map(
        ({ key, valueBytes }) =>
          `${shownKey(key)}  ${valueBytes} byte${valueBytes === 1 ? '' : 's'}\n`,
      )
      return `${lines.join('')}${next === null ? '' : `(more: LIST ${shownKey(next)})\n`}`
    },
  },
  GET_PROVIDERS: {
    usage: 'GET_PROVIDERS <key>',
    help: 'prints who provides a key',
    words: 1,
    async run({ api }, [key = '']) {
      const peers = await api.providers(key)
      return peers.length === 0 ? 'nobody\n' : `${peers.join('\n')}\n`
    },
  },
  PUT_PROVIDER: {
    usage: 'PUT_PROVIDER <key>',
    help: 'announces that this node provides a key',
    words: 1,
    async run({ api }, [key = '']) {
      const { told } = await api.provide(key)
      return `sent to ${otherPeers(told)}\n`
    },
  },
  PEERS: {
    usage: 'PEERS',
    help: 'prints the peers that are connected or listed',
    words: 0,
    async run({ api, names }) {
      const peers = await api.peers()
      const lines = peers.map(({ peerId, connected, listed, addresses }) => {
        const state = [connected ? 'connected' : 'not connected', listed ? 'listed' : 'not listed']
        const name = names.get(peerId)
        const called = name === undefined ? peerId : `${name} ${peerId}`
        return `${called}  ${state.join(', ')}  ${visible(addresses.join(' '))}\n`
      })
      return lines.length === 0 ? 'none\n' : lines.join('')
    },
  },
  DISCOVERY: {
    usage: 'DISCOVERY [DIAL]',
    help: 'prints how far each peer has come, and why no further; DIAL dials the listed ones back first',
    words: 0,
    async run({ api, names, width, style }, [dial = '']) {
      const account = await askDiscovery(api, {
        dialBack: dial.toUpperCase() === 'DIAL',
        targets: [...names.keys()],
      })
      return `${discoveryLines(discoveryView([account], names), width, style).join('\n')}\n`
    },
  },
}

const QUIT = new Set(['QUIT', 'EXIT'])

/**
 * A prompt for people that asks a running node over its HTTP API: `docker compose exec <node> shell`.
 *
 * @returns the exit status: 0, or 1 where a command failed and nobody sat there to see it.
 */
export async function runShell(components: ShellComponents): Promise<number> {
  const { input, output, interactive } = components
  const lines = createInterface({ input, output, terminal: interactive, prompt: 'kadlab> ' })
  let failed = false
  if (interactive) lines.prompt()
  for await (const line of lines) {
    if (QUIT.has(line.trim().toUpperCase())) break
    if (line.trim() !== '') {
      const print = (text: string): void => {
        output.write(interactive ? visibleLines(text) : text)
      }
      const { text, ok } = await runLine({ ...components, print }, line)
      print(text)
      failed ||= !ok
    }
    if (interactive) lines.prompt()
  }
  lines.close()
  return failed && !interactive ? 1 : 0
}

/** Runs one command and says what came of it. Never rejects. */
export async function runLine(
  context: ShellContext,
  line: string,
): Promise<{ text: string; ok: boolean }> {
  const [name = '', ...words] = line.trim().split(/\s+/)
  if (name.toUpperCase() === 'HELP') return { text: helpText(), ok: true }
  const command = COMMANDS[name.toUpperCase()]
  if (command === undefined || !Object.hasOwn(COMMANDS, name.toUpperCase())) {
    return { text: `expected a command, saw ${name}\n${helpText()}`, ok: false }
  }
  if (words.length < command.words) return { text: `expected ${command.usage}\n`, ok: false }
  try {
    const rest = line.trim().slice(name.length).trim()
    return { text: await command.run(context, words, rest), ok: true }
  } catch (error) {
    const kind = error instanceof Error ? error.name : 'Error'
    return { text: `${kind}: ${describeError(error)}\n`, ok: false }
  }
}

/** A key on a line of its own, whatever is in it. */
function shownKey(key: string): string {
  return /[\s"]/.test(key) ? JSON.stringify(key) : key
}

/** A key as `shownKey` shows it. */
function readKey(text: string): string {
  if (!text.startsWith('"')) return text
  try {
    return String(JSON.parse(text))
  } catch (cause) {
    throw new BadRequestError(`expected a key, in quotes as JSON has it, saw ${text}`, { cause })
  }
}

function helpText(): string {
  const commands = [
    ...Object.values(COMMANDS),
    { usage: 'HELP', help: 'prints this' },
    { usage: 'QUIT', help: 'leaves the shell; the node stays' },
  ]
  const width = Math.max(...commands.map(({ usage }) => usage.length))
  return commands.map(({ usage, help }) => `${usage.padEnd(width)}  ${help}\n`).join('')
}

/** `1 other peer`, `2 other peers`. */
function otherPeers(count: number): string {
  return `${count} other peer${count === 1 ? '' : 's'}`
}

#!/usr/bin/env node
// The command `kadlab`: finds the program of a command and starts it. Plain JavaScript that an old Node can parse.

/** Each command: the program that has it, and what it is for. */
const COMMANDS = {
  scenario: {
    program: 'orchestrator/cli.ts',
    about: 'run a scenario and report it; without a name, list them',
  },
  lab: {
    program: 'orchestrator/cli.ts',
    about: 'a page in which scenarios are picked, written and run',
  },
  init: {
    program: 'orchestrator/cli.ts',
    about: 'write a scenario with comments, to begin with',
  },
  matrix: {
    program: 'orchestrator/cli.ts',
    about: 'run a pair of nodes behind every two NATs, and show the grid',
  },
  proof: { program: 'orchestrator/cli.ts', about: 'measure what the routers of a NAT preset do' },
  clean: {
    program: 'orchestrator/cli.ts',
    about: 'remove what killed runs left on the Docker engine',
  },
  doctor: { program: 'node/main.ts', about: 'examine a live peer, or a deployed cluster' },
  node: {
    program: 'node/main.ts',
    about: 'run one node in the foreground; its environment is its configuration',
  },
  shell: {
    program: 'node/main.ts',
    about: 'a prompt for the node whose API listens at API_LISTEN',
  },
  peers: { program: 'scripts/peers.ts', about: 'build the peers of other implementations' },
}

const [name = '--help', ...words] = process.argv.slice(2)
if (Object.hasOwn(COMMANDS, name)) {
  const { program } = COMMANDS[name]
  // A program of one command alone takes no name.
  const first = program === 'scripts/peers.ts' ? [] : [name]
  process.argv.splice(2, Infinity, program, ...first, ...words)
  await import('./launch.mjs')
} else if (name === '--version' || name === '-V') {
  const { readFile } = await import('node:fs/promises')
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8')
  console.log(JSON.parse(text).version)
} else if (['--help', '-h', 'help'].includes(name)) {
  const lines = Object.entries(COMMANDS).map(([each, { about }]) => `  ${each.padEnd(10)}${about}`)
  console.log(`Usage: kadlab <command> [arguments]\n
Kademlia peers behind NATs: who discovers whom, and why not.\n
${lines.join('\n')}\n\nkadlab <command> --help says more of each.`)
} else {
  console.error(`no command is called '${name}'; there are ${Object.keys(COMMANDS).join(', ')}`)
  process.exitCode = 2
}

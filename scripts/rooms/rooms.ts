/** A folder of sources, what it is for, and how it stands to the others. */
export interface Room {
  /** From the repository's root. */
  path: string
  /** One sentence for docs/architecture.md. */
  about: string
  /** Works on values alone: no file, no socket, no process, no timer of the system. */
  pure?: boolean
}

/** The rooms of a node, lowest first: each may import the rooms before it, and none after it. */
export const NODE_ROOMS: readonly Room[] = [
  { path: 'node/base', about: 'Errors, the log, the version: what every other room may use.' },
  { path: 'node/time', about: 'Clocks, delays, deadlines, backoff.' },
  { path: 'node/config', about: 'The variables of a node: one row each, read once at its start.' },
  {
    path: 'node/judgement',
    about: 'Causes, the ladder, evidence, remedies: from what was observed to what it means.',
    pure: true,
  },
  { path: 'node/events', about: 'The events that a node emits, and the log that holds them.' },
  {
    path: 'node/patches',
    about: 'Each patch of a stock library, and the private parts of kad-dht that we rely on.',
  },
  {
    path: 'node/discovery',
    about: 'The observer: what feeds the judgement, and dialling back.',
  },
  {
    path: 'node/kad',
    about: "Kademlia's messages, streams and lookups, over kad-dht's routing table.",
  },
  { path: 'node/store', about: 'Records, values and providers on the DHT.' },
  {
    path: 'node/peer',
    about: 'The libp2p host, hardened: identity, announcing, joining, leaving.',
  },
  { path: 'node/view', about: 'Sightings and matrices as text.' },
  { path: 'node/api', about: 'NodeApi: what a node can be asked.' },
  { path: 'node/stock', about: 'js-libp2p as it comes, to be compared with.' },
  { path: 'node/api/http', about: 'NodeApi over HTTP, and its client.' },
  { path: 'node/api/lines', about: 'NodeApi as JSON lines on standard streams, and its client.' },
  { path: 'node/metrics', about: 'Prometheus metrics of a node.' },
  { path: 'node/doctor', about: 'Examines a peer from outside.' },
  { path: 'node/gateway', about: 'One page and one address for the nodes of a cluster.' },
]

/** The rooms of the orchestrator, lowest first. */
export const ORCHESTRATOR_ROOMS: readonly Room[] = [
  { path: 'orchestrator/net', about: 'Addresses, NAT, links: the vocabulary.', pure: true },
  {
    path: 'orchestrator/words',
    about: 'What a scenario file is written in: values, and what a step and an expectation are.',
    pure: true,
  },
  {
    path: 'orchestrator/words/expectations',
    about: 'One file for each kind of expectation, and the table of them.',
    pure: true,
  },
  {
    path: 'orchestrator/words/steps',
    about: 'One file for each kind of step, and the table of them.',
    pure: true,
  },
  {
    path: 'orchestrator/scenario',
    about: "The scenario language: its schema, and a file's faults at their lines.",
    pure: true,
  },
  {
    path: 'orchestrator/plan',
    about: 'From a scenario and a seed to every address, identity and value.',
    pure: true,
  },
  {
    path: 'orchestrator/truth',
    about: 'Ground truth: from the plan alone, how each pair must stand and why.',
    pure: true,
  },
  { path: 'orchestrator/catalogue', about: 'Scenarios by name, and files by path.' },
  { path: 'orchestrator/probe', about: 'The program that measures from inside a network.' },
  {
    path: 'orchestrator/router',
    about: 'A planned router as Linux: nft rules, conntrack, script.',
  },
  { path: 'orchestrator/foreign', about: 'Peers of other implementations, spoken to as nodes.' },
  { path: 'orchestrator/time', about: 'Simulated time: timers, dates and randomness of a run.' },
  { path: 'orchestrator/capture', about: 'Packets as a capture file (pcapng).', pure: true },
  { path: 'orchestrator/fabric', about: 'What makes a plan run: the interface and its errors.' },
  { path: 'orchestrator/fabric/sim', about: 'A simulated network in this process.' },
  {
    path: 'orchestrator/fabric/netns',
    about: 'Processes in namespaces of Linux, behind kernel NATs.',
  },
  { path: 'orchestrator/fabric/docker', about: 'Containers behind kernel NATs.' },
  {
    path: 'orchestrator/fabric/swarm',
    about: 'The same containers, spread over the engines of a Docker Swarm.',
  },
  {
    path: 'orchestrator/proof',
    about: 'Measures that a router maps and filters as its preset says.',
  },
  {
    path: 'orchestrator/findings',
    about:
      'What nodes see, with what only the lab can know: the plan, and whom a dial was meant for.',
    pure: true,
  },
  {
    path: 'orchestrator/cure',
    about: 'What cures a red pair, as data, and a plan as it is once that was done.',
    pure: true,
  },
  { path: 'orchestrator/run', about: 'Steps, events and expectations of a run.' },
  {
    path: 'orchestrator/picture',
    about: 'A run at a moment: what its events amount to. Every page is a view of it.',
    pure: true,
  },
  { path: 'orchestrator/web', about: 'The web client: a run as a page in a browser.' },
  { path: 'orchestrator/web/lab', about: 'The page in which scenarios are written, in a browser.' },
  { path: 'orchestrator/report', about: 'Consumers of the event stream: terminal, JSON, JUnit.' },
  { path: 'orchestrator/grid', about: 'A pair of nodes in every combination of some axes.' },
  { path: 'orchestrator/live', about: 'The page of a run while it runs, on loopback.' },
  {
    path: 'orchestrator/lab',
    about: 'The page in which scenarios are written and run, on loopback.',
  },
  { path: 'orchestrator/commands', about: 'The commands of the command line.' },
]

/**
 * Rooms of a node that the orchestrator may use: a node's face, and the vocabulary that comes through it. The simulated
 * network alone makes whole nodes.
 */
export const NODE_FACE: readonly string[] = [
  'node/base',
  'node/time',
  'node/config',
  'node/judgement',
  'node/events',
  'node/view',
  'node/api',
  'node/api/lines',
]

/** What a pure room must not import. */
export const IO_MODULES: readonly string[] = [
  'node:fs',
  'node:net',
  'node:dgram',
  'node:dns',
  'node:tls',
  'node:http',
  'node:https',
  'node:http2',
  'node:child_process',
  'node:cluster',
  'node:worker_threads',
  'node:timers',
  'node:readline',
  'node:process',
  'node:os',
  'dockerode',
  'libp2p',
  'pino',
]

import type { RunEvent } from './events.ts'

/** Every event of a run, for the reference; a new one does not compile without its line here. */
export const RUN_EVENTS: Readonly<Record<RunEvent['type'], string>> = {
  'run-start': 'Scenario, fabric, seed, versions, and the time of day.',
  plan: 'The scenario with every address, identity and setting decided.',
  'network-up': 'Networks and routers stand.',
  'nat-proof': 'What a probe measured at one router.',
  'variant-start': 'A variant begins.',
  'node-up': 'A node listens.',
  step: 'A step begins.',
  expectation:
    'An expectation, or a step that must succeed, is decided: whether it holds, what was expected, what was seen.',
  tables:
    'How good the routing tables are: share of the closest that is listed, share of contacts that do not run.',
  cells: 'How each target stands at each observer, with cause, evidence and remedy.',
  'variant-end': 'The verdict of a variant, and its times.',
  'cure-round': 'What is done to a variant before it runs again under another name (--cure).',
  cured: 'What a round of a cure came to.',
  'cure-end': 'What is left after the last round, and why.',
  'router-state': "A router's rules and connections as files, after a red verdict.",
  kept: 'The lab stays up: how to look into it and how to end it.',
  'run-end': 'The verdict.',
  'run-failed': 'The run could not come to a verdict: the error, and the exit status.',
  progress: 'What the fabric is doing.',
  'node-event': 'An event of a node, as it said it.',
  'node-log': "A line of a node's log, or of a router's.",
  'engine-lost': 'An engine of several is gone, and with it what ran there: the run is given up.',
  'router-exit': 'A router ended without being asked to: the run is given up.',
  'node-exit': 'A node ended without being asked to.',
}

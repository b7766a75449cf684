import { serveAgentLines } from './agent-lines.ts'
import { createProbeAgent } from './agent.ts'
import { createNodeSockets } from './node-sockets.ts'
import { readPacketCounts } from './packet-counts.ts'

/**
 * The agent as a program of its own, for containers. Imports nothing heavy, so that it is up at once. It ends with its
 * standard input, or on SIGTERM (which the first process of a container does not end by unless it says so).
 */
process.once('SIGTERM', () => process.exit(0))
const agent = createProbeAgent(createNodeSockets())
await serveAgentLines(
  { ...agent, counts: readPacketCounts },
  { input: process.stdin, output: process.stdout },
)
process.exit(0)

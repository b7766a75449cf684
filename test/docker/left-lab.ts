// A run that is killed in its midst: starts a lab and a node, says so on standard output, and waits.
import { startTwoClouds } from './docker-bench.ts'

const keep = process.argv.includes('--keep')
const { lab, a } = await startTwoClouds('listens', keep)
await lab.startNode(a)
const text = keep ? await lab.keep() : ''
process.stdout.write(`${JSON.stringify({ id: lab.id, text })}\n`)

// A run that is killed in its midst: starts a lab and a node, says so on standard output, and waits.
import { startTwoClouds } from './docker-bench.ts'

const { lab, a } = await startTwoClouds('listens')
await lab.startNode(a)
const text = process.argv.includes('--keep') ? await lab.keep() : ''
process.stdout.write(`${JSON.stringify({ id: lab.id, text })}\n`)

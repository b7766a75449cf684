// npm run deployments [-- --end]: lists the clusters on Azure that terraform/ made, those past their time marked; with --end
// asks about each of those, and deletes its resource group. Exit status: 0 none is past its time, 1 some are, 2 wrong use.
import { createInterface } from 'node:readline/promises'
import { styleText } from 'node:util'
import { describeError } from '#node/base/errors.ts'
import { readWords } from '../base/words.ts'
import {
  type Deployment,
  describeDeployment,
  endDeployment,
  isPast,
  listDeployments,
} from './deployment.ts'

const USAGE = `
Usage: npm run deployments [-- --end]

Lists the clusters on Azure that terraform/ made, in the subscription that az is logged in to; those past their time are
marked. --end asks about each of those, and deletes its resource group.
Exit status: 0 none is past its time, 1 some are, 2 wrong use.
`

async function isConfirmed(deployment: Deployment, ask: (question: string) => Promise<string>) {
  const answer = await ask(
    `Delete the resource group ${deployment.resourceGroup} and everything in it? Type its name: `,
  )
  return answer.trim() === deployment.resourceGroup
}

async function main(): Promise<number> {
  const { values } = readWords(USAGE, { options: { end: { type: 'boolean', default: false } } })
  const now = new Date()
  const deployments = await listDeployments()
  if (deployments.length === 0) console.log('no deployment of kadlab in this subscription')
  for (const deployment of deployments) {
    const line = describeDeployment(deployment, now)
    console.log(isPast(deployment, now) ? styleText('red', line) : line)
  }
  const past = deployments.filter((deployment) => isPast(deployment, now))
  if (!values.end) return past.length === 0 ? 0 : 1
  const prompt = createInterface({ input: process.stdin, output: process.stdout })
  // The end of the input answers no to whatever is still asked.
  const closed = new Promise<string>((resolve) => prompt.once('close', () => resolve('')))
  let left = 0
  for (const deployment of past) {
    if (await isConfirmed(deployment, (text) => Promise.race([prompt.question(text), closed]))) {
      await endDeployment(deployment)
      console.log(`${deployment.resourceGroup} is being deleted`)
    } else {
      console.log(`${deployment.resourceGroup} stays`)
      left++
    }
  }
  prompt.close()
  return left === 0 ? 0 : 1
}

try {
  process.exitCode = await main()
} catch (error) {
  console.error(describeError(error))
  process.exitCode = 2
}

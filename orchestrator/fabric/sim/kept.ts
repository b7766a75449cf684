import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { apiLimits } from '#node/api/http/limits.ts'
import { serveHttp } from '#node/api/http/serve.ts'
import { LAUNCHER } from '#node/base/sources.ts'
import { parseConfig } from '#node/config/config.ts'
import { peerNames } from '#orchestrator/plan/peer-names.ts'
import type { NodePlan } from '#orchestrator/plan/plan-type.ts'
import type { LabNode } from '../fabric.ts'

/** Loopback, at a port that is given out. */
const LOOPBACK = { host: '127.0.0.1', port: 0 }

/** The ways into the nodes of a kept lab, open until it is disposed of. */
export interface WaysIn extends AsyncDisposable {
  /** How people take them, from another terminal. */
  readonly text: string
}

/**
 * Opens the nodes of a lab in this process to other processes of this machine: the API of each over HTTP on loopback, and a
 * command in a temporary folder that asks it (`a shell`, `a doctor`). What a node is told to dial, it dials on the simulated network.
 *
 * @param nodes - those that run, with their APIs
 * @throws ApiListenError, and what making a folder throws
 */
export async function openWaysIn(
  id: string,
  nodes: readonly { plan: NodePlan; node: LabNode }[],
): Promise<WaysIn> {
  await using opened = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), `kadlab-lab-${id}-`))
  opened.defer(() => rm(folder, { recursive: true, force: true }))
  const names = peerNames(nodes.map(({ plan }) => plan))
  const ways = await Promise.all(
    nodes.map(async ({ plan, node: { name, api } }) => {
      const face = await serveHttp(api, {
        listen: LOOPBACK,
        metrics: null,
        limits: apiLimits(parseConfig(plan.env)),
      })
      opened.use(face)
      const command = join(folder, name)
      await writeFile(command, commandScript(face.address, names), { mode: 0o700 })
      return [
        `  ${command} shell`,
        `  ${command} doctor`,
        `  curl http://${face.address}/v1/status`,
      ]
    }),
  )
  const text = [
    'The lab lives in this process: it ends with it (Ctrl-C). To look into it from another terminal:',
    ...ways.flat(),
  ].join('\n')
  const all = opened.move()
  return { text, [Symbol.asyncDispose]: () => all.disposeAsync() }
}

/** A command that runs kadlab with whatever words follow, and asks the node whose API is there. */
function commandScript(address: string, names: string): string {
  return [
    '#!/bin/sh',
    `API_LISTEN='${address}' PEER_NAMES='${names}' exec '${process.execPath}' '${LAUNCHER}' "$@"`,
    '',
  ].join('\n')
}

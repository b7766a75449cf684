import { silentLog } from '#node/base/log.ts'
import { parseConfig } from '#node/config/config.ts'
import { createNode, type KadlabNode } from '#node/node.ts'

/** A node on a free port of 127.0.0.1 that dials and lists loopback addresses; seeds make its identity. */
export async function createLoopbackNode(
  seed: number,
  env: Record<string, string> = {},
): Promise<KadlabNode> {
  const config = parseConfig({
    LISTEN: '/ip4/127.0.0.1/tcp/0',
    ADDRESS_SCOPE: 'any',
    IDENTITY_SEED: seed.toString(16).padStart(2, '0').repeat(32),
    ...env,
  })
  return createNode(config, { log: silentLog })
}

/** The address of a started node, with its peer id. */
export async function addressOf(node: KadlabNode): Promise<string> {
  const { listening } = await node.api.status()
  return `${listening[0]}/p2p/${node.peerId}`
}

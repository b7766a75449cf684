import { companyOf, peerNames } from '#orchestrator/plan/peer-names.ts'
import type { NodePlan, Plan } from '#orchestrator/plan/plan-type.ts'
import { LAB_FOLDER, type Namespaces } from './namespaces.ts'

/** What a node of a kept lab needs beside its own settings: people ask it by this. */
export function keptEnvironment(node: NodePlan, plan: Plan): Record<string, string> {
  return {
    API_LISTEN: socketOf(node),
    METRICS: 'yes',
    PEER_NAMES: peerNames(companyOf(node, plan)),
  }
}

/**
 * A script of the shell that puts a command into the lab's folder, named after a node: it runs kadlab's program with whatever
 * words follow (`shell`, `doctor`) where the node is.
 */
export function commandScript(node: NodePlan, plan: Plan, program: readonly string[]): string {
  const environment = Object.entries(keptEnvironment(node, plan)).map(
    ([name, value]) => `${name}='${value}'`,
  )
  const words = program.map((word) => `'${word}'`)
  const path = commandOf(node.name)
  return [
    'set -eu',
    `cat > ${path} <<'COMMAND'`,
    '#!/bin/sh',
    `exec nsenter --net=/run/netns/${node.name} -- env ${environment.join(' ')} ${words.join(' ')} "$@"`,
    'COMMAND',
    `chmod +x ${path}`,
  ].join('\n')
}

/** How people look into a kept lab from another terminal. */
export function waysIn(
  { pid }: Namespaces,
  { nodes, routers }: { nodes: readonly string[]; routers: readonly string[] },
): string {
  const user = process.getuid?.() === 0 ? '' : '--user '
  const enter = `nsenter --target ${pid} ${user}--mount --pid --preserve-credentials`
  return [
    'The lab lives in this process: it ends with it (Ctrl-C). To look into it from another terminal:',
    ...nodes.flatMap((node) => [
      `  ${enter} ${commandOf(node)} shell`,
      `  ${enter} ${commandOf(node)} doctor`,
    ]),
    ...routers.map((router) => `  ${enter} nsenter --net=/run/netns/${router} nft list ruleset`),
  ].join('\n')
}

function commandOf(node: string): string {
  return `${LAB_FOLDER}/${node}-command`
}

function socketOf({ name }: NodePlan): string {
  return `${LAB_FOLDER}/${name}.sock`
}

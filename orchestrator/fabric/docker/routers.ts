import type { ContainerCreateOptions } from 'dockerode'
import { untilAborted } from '#node/time/until-aborted.ts'
import type { Plan, RouterPlan } from '#orchestrator/plan/plan-type.ts'
import { subnetOf } from '#orchestrator/plan/router-addresses.ts'
import { routerSysctls } from '#orchestrator/router/conntrack.ts'
import {
  flushCommands,
  changeScript,
  routerScript,
  stateCommands,
} from '#orchestrator/router/router-script.ts'
import { createAttachedShell, SERVE_COMMANDS } from './attached-shell.ts'
import { type AttachedContainer, createAttached } from './containers.ts'
import type { ApiVersion, Engine } from './engine.ts'
import { speaks } from './engine.ts'
import type { ContainerDiedError } from './errors.ts'
import { engineName, labelsOf, type LabIdentity } from './labels.ts'
import { refused } from './refusals.ts'
import {
  countingRules,
  LIST_COUNTS,
  parseRouterCounts,
  type RouterCounts,
} from './router-counts.ts'

/** API of Engine 25, the first that takes several networks when a container is created. */
const API_WITH_SEVERAL_NETWORKS = 44

/** What a router prints once it routes. */
const READY = 'kadlab: routing'

/** A running router. */
export interface DockerRouter {
  readonly plan: RouterPlan
  readonly container: AttachedContainer
  /** Makes it forget every mapping and connection. */
  flush(): Promise<void>
  /** Makes it what another plan of it says. */
  change(router: RouterPlan): Promise<void>
  /** Its state as text files, by name. */
  state(): Promise<Record<string, string>>
  /** Who has an address of its outside network: a hardware address, or null. `asked` is false where it cannot ask. */
  neighbour(address: string): Promise<{ asked: boolean; holder: string | null }>
  /** What passed it since it began to count. */
  counts(): Promise<RouterCounts>
}

interface Endpoint {
  IPAMConfig: { IPv4Address: string }
}

/** The engine's request for a router's container; on old engines the inside network is connected afterwards. */
export function routerRequest(
  router: RouterPlan,
  plan: Plan,
  lab: LabIdentity,
  image: string,
  api: ApiVersion,
): ContainerCreateOptions & { name: string } {
  const wan = engineName(lab, router.wan.network)
  const lan = engineName(lab, router.lan.network)
  const endpoints: Record<string, Endpoint> = {
    [wan]: { IPAMConfig: { IPv4Address: router.wan.address } },
    ...(speaks(api, API_WITH_SEVERAL_NETWORKS)
      ? { [lan]: { IPAMConfig: { IPv4Address: router.lan.ownAddress } } }
      : {}),
  }
  return {
    name: engineName(lab, router.name),
    Hostname: router.name,
    Image: image,
    Entrypoint: ['sh', '-c'],
    Cmd: [
      [
        routerScript(router, plan.networks, {
          moreRules: countingRules(subnetOf(router.lan.network, plan.networks)),
        }),
        `echo '${READY}'`,
        SERVE_COMMANDS,
        '',
      ].join('\n'),
    ],
    // The first process of a container gets no signal that it does not ask for, and a sleeping shell asks for none.
    StopSignal: 'SIGKILL',
    Labels: labelsOf(lab, 'router', router.name),
    HostConfig: {
      CapAdd: ['NET_ADMIN'],
      Memory: 128 * 2 ** 20,
      PidsLimit: 64,
      NetworkMode: wan,
      Sysctls: routerSysctls(router.nat.timeouts),
      Tmpfs: { '/run': 'rw,noexec,nosuid,size=1m' },
    },
    NetworkingConfig: { EndpointsConfig: endpoints },
  }
}

export interface RouterStart {
  router: RouterPlan
  plan: Plan
  lab: LabIdentity
  image: string
  /** Told of each line that it prints. */
  onLogLine: (line: string) => void
  /** Told when it ends after it was ready, also where that is meant. */
  onExit: (error: ContainerDiedError) => void
  signal: AbortSignal | undefined
}

/**
 * Starts a router; resolves when it routes.
 *
 * @throws ContainerDiedError with what the router's script said
 */
export async function startRouter(
  engine: Engine,
  { router, plan, lab, image, onLogLine, onExit, signal }: RouterStart,
): Promise<DockerRouter> {
  const container = await createAttached(engine, {
    title: router.name,
    options: routerRequest(router, plan, lab, image, engine.api),
    onLogLine,
  })
  const ready = Promise.withResolvers<void>()
  const shell = createAttachedShell(container.output, container.input, (line) => {
    onLogLine(line)
    if (line === READY) ready.resolve()
  })
  if (!speaks(engine.api, API_WITH_SEVERAL_NETWORKS)) {
    await connectInside(engine, router, lab, container)
  }
  await container.start()
  const exit = await untilAborted(signal, Promise.race([ready.promise, container.exit]))
  if (exit !== undefined) throw container.died(exit)
  void container.exit.then((ended) => onExit(container.died(ended)))
  let present = router
  return {
    plan: router,
    container,
    async flush() {
      for (const command of flushCommands()) await shell.run(command)
    },
    async change(changed) {
      const moreRules = countingRules(subnetOf(changed.lan.network, plan.networks))
      const script = changeScript(present, changed, plan.networks, { moreRules })
      // The shell takes a command as one line.
      const line = Buffer.from(script).toString('base64')
      await shell.run(['sh', '-c', `echo ${line} | base64 -d | sh`])
      present = changed
    },
    async state() {
      const files = await Promise.all(
        Object.entries(stateCommands()).map(async ([file, command]) => [
          `${router.name}.${file}`,
          await shell.run(command),
        ]),
      )
      return Object.fromEntries(files) as Record<string, string>
    },
    async neighbour(address) {
      const said = await shell.run(['bash', '-c', neighbourScript(address)])
      const [, holder = null] = /lladdr (\S+)/.exec(said) ?? []
      return { asked: said.includes('asked'), holder }
    },
    async counts() {
      return parseRouterCounts(await shell.run(LIST_COUNTS))
    },
  }
}

/** Asks by ARP who has an address, as long as a busy host may take to answer. */
function neighbourScript(address: string): string {
  return [
    // To the discard port: of a host that has the address, and of nobody else.
    `echo >/dev/udp/${address}/9 || { echo cannot; exit 0; }`,
    'echo asked',
    'for _ in 1 2 3 4 5 6 7 8; do',
    `  said=$(ip -4 neigh show ${address}); case "$said" in *lladdr*) break;; esac; sleep 0.05`,
    'done',
    'echo "$said"',
  ]
    .join('; ')
    .replaceAll('do;', 'do')
}

async function connectInside(
  { docker }: Engine,
  router: RouterPlan,
  lab: LabIdentity,
  container: AttachedContainer,
): Promise<void> {
  try {
    await docker.getNetwork(engineName(lab, router.lan.network)).connect({
      Container: container.id,
      EndpointConfig: { IPAMConfig: { IPv4Address: router.lan.ownAddress } },
    })
  } catch (error) {
    throw refused(`to connect \`${router.name}\` to \`${router.lan.network}\``, error)
  }
}

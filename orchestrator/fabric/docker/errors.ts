import { FabricError } from '../errors.ts'

/** No Docker engine answers where the environment, or the current Docker context, says that one is. */
export class EngineUnavailableError extends FabricError {
  static override readonly name = 'EngineUnavailableError'
}

/** The engine could not build an image. Carries the build's last lines. */
export class ImageBuildError extends FabricError {
  static override readonly name = 'ImageBuildError'

  constructor(tag: string, lastLines: string[], options?: ErrorOptions) {
    super(
      `The image ${tag} could not be built. The build's last lines:\n${indent(lastLines)}\n` +
        'Mend what they say (a base image is named by NODE_IMAGE and DEBIAN_IMAGE; the build needs the network), ' +
        'or run without an engine: --fabric sim.',
      options,
    )
  }
}

/** The engine refused something that a lab needs: a name or an address in use, a setting that it does not know. */
export class EngineRefusedError extends FabricError {
  static override readonly name = 'EngineRefusedError'
}

/** A command in a container of the lab failed, or the container ended before the command did. */
export class CommandFailedError extends FabricError {
  static override readonly name = 'CommandFailedError'
}

/** A container ended before it was ready, or while it was needed. Carries its last log lines. */
export class ContainerDiedError extends FabricError {
  static override readonly name = 'ContainerDiedError'
  readonly exitCode: number | null
  readonly lastLines: string[]

  constructor(container: string, exitCode: number | null, lastLines: string[]) {
    const how = exitCode === null ? 'ended' : `ended with exit code ${exitCode}`
    const said =
      lastLines.length === 0 ? 'It logged nothing.' : `Its last log lines:\n${indent(lastLines)}`
    super(`\`${container}\` ${how} before it was told to. ${said}`)
    this.exitCode = exitCode
    this.lastLines = lastLines
  }
}

/**
 * The host drops what containers of one network send each other. Engines from 28 on do so in the raw table, for each
 * packet to a container's address that does not come in by its own bridge, on hosts whose bridges are filtered
 * (`net.bridge.bridge-nf-call-iptables=1`): what a router forwards never reaches it.
 */
export class PacketsDroppedByHostError extends FabricError {
  static override readonly name = 'PacketsDroppedByHostError'

  constructor(sender: string, router: string, network: string) {
    super(
      `The Docker host drops packets inside the lab: \`${sender}\` sent to addresses beyond the router \`${router}\`, ` +
        `and none of its packets crossed the bridge of network \`${network}\`. The router is not to blame. ` +
        'A rule of the raw table drops every packet to a container that does not come in by its own bridge ' +
        '(`iptables -t raw -S PREROUTING` on the host shows it; engines from 28 on set it), and bridged packets are ' +
        'filtered (`sysctl net.bridge.bridge-nf-call-iptables` is 1). Remove the rule, set that sysctl to 0, ' +
        'or run without an engine: --fabric sim.',
    )
  }
}

function indent(lines: string[]): string {
  return lines.map((line) => `  ${line}`).join('\n')
}

import { KadlabError } from '#node/base/errors.ts'

/**
 * The fabric could not do what it was asked: no engine, no image, a name in use, a container that died. The run ends
 * with status 3, and nothing is left behind. Each kind has a class of its own; this is what they have in common.
 */
export class FabricError extends KadlabError {
  static override readonly name: string = 'FabricError'
}

/** A router of the lab ended while the run needed it: what nodes see from then on says nothing of the plan. */
export class RouterDiedError extends FabricError {
  static override readonly name = 'RouterDiedError'

  constructor(router: string, exitCode: number | null, lastLines: readonly string[]) {
    const how = exitCode === null ? 'ended' : `ended with exit code ${exitCode}`
    const said = lastLines.length === 0 ? '' : ` Its last lines: ${lastLines.join(' / ')}`
    super(
      `The router \`${router}\` ${how} while the run needed it, so the run is given up and judges nothing.${said} ` +
        'Was it stopped or killed by hand, or by the kernel for its memory?',
    )
  }
}

/** An engine that carries a part of the lab is gone. */
export class EngineLostError extends FabricError {
  static override readonly name = 'EngineLostError'

  constructor(engine: string, error: string) {
    super(
      `The engine \`${engine}\` left while the run needed it (${error}), so the run is given up and judges nothing. ` +
        'Does its machine run, and can it be reached? `kadlab clean --engines` removes what is left once it can.',
    )
  }
}

/** A process of the lab ended before it was ready, or while it was needed. Carries its last log lines. */
export class ProcessDiedError extends FabricError {
  static override readonly name: string = 'ProcessDiedError'
  readonly exitCode: number | null
  readonly lastLines: string[]

  constructor(title: string, exitCode: number | null, lastLines: string[]) {
    const how = exitCode === null ? 'ended' : `ended with exit code ${exitCode}`
    const said =
      lastLines.length === 0 ? 'It logged nothing.' : `Its last log lines:\n${indent(lastLines)}`
    super(`\`${title}\` ${how} by itself. ${said}`)
    this.exitCode = exitCode
    this.lastLines = lastLines
  }
}

/** A node takes a question and does not answer it: its process is stopped, or hangs. */
export class NodeSilentError extends FabricError {
  static override readonly name = 'NodeSilentError'

  constructor(node: string, question: string, limitMs: number, options?: ErrorOptions) {
    super(
      `Node \`${node}\` did not answer \`${question}\` within ${limitMs / 1000} s: its process is stopped ` +
        '(`docker pause`, SIGSTOP), or it hangs. Its log in the report ends where it fell silent.',
      options,
    )
  }
}

/**
 * A subnet of the plan belongs to another network by now (it was free when the plan was made, or nobody asked). A plan
 * made anew, with `takenSubnets` asked again, takes others.
 */
export class SubnetTakenError extends FabricError {
  static override readonly name: string = 'SubnetTakenError'
  /** The CIDR that could not be had. */
  readonly subnet: string

  /** @param holder - who has it, for people; null where unknown */
  constructor(
    network: string,
    subnet: string,
    holder: string | null = null,
    options?: ErrorOptions,
  ) {
    super(
      `The subnet ${subnet} of network \`${network}\` is taken by ${holder ?? 'another network'}: ` +
        'remove that, or plan again with other subnets.',
      options,
    )
    this.subnet = subnet
  }
}

/** The lab has no router of this name. */
export function noSuchRouter(name: string, names: readonly string[]): FabricError {
  return new FabricError(`The lab has no router \`${name}\`; it has ${names.join(', ') || 'none'}.`)
}

/** Lines below a sentence. */
export function indent(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join('\n')
}

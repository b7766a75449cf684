import { KadlabError } from '#node/base/errors.ts'

/**
 * The fabric could not do what it was asked: no engine, no image, a name in use, a container that died. The run ends
 * with status 3, and nothing is left behind. Each kind has a class of its own; this is what they have in common.
 */
export class FabricError extends KadlabError {
  static override readonly name: string = 'FabricError'
}

/**
 * A subnet of the plan belongs to another network by now (it was free when the plan was made, or nobody asked). A plan
 * made anew, with `takenSubnets` asked again, takes others.
 */
export class SubnetTakenError extends FabricError {
  static override readonly name: string = 'SubnetTakenError'
  /** The CIDR that could not be had. */
  readonly subnet: string

  constructor(network: string, subnet: string, options?: ErrorOptions) {
    super(
      `The subnet ${subnet} of network \`${network}\` is taken by another network: plan again with other subnets.`,
      options,
    )
    this.subnet = subnet
  }
}

import { FabricError, indent } from '../errors.ts'

/** The engines that were named are none of one Swarm, or one of them cannot carry a lab. */
export class SwarmUnfitError extends FabricError {
  static override readonly name = 'SwarmUnfitError'
}

/** A container of the lab has an interface that the plan does not know: a way out of the lab. */
export class WayOutError extends FabricError {
  static override readonly name = 'WayOutError'

  constructor(title: string, place: string, seen: readonly string[]) {
    super(
      `\`${title}\` at ${place} has more interfaces, or routes, than its networks, so nothing is started there:\n${indent(seen)}\n` +
        'An overlay that is not internal gives each container a second interface, on docker_gwbridge. ' +
        'Is something else attached to the networks of this lab?',
    )
  }
}

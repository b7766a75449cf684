import { FabricError, indent, ProcessDiedError } from '../errors.ts'

/** No Docker engine answers where the environment, or the current Docker context, says that one is. */
export class EngineUnavailableError extends FabricError {
  static override readonly name = 'EngineUnavailableError'
}

/** The engine took a call and did not answer it in time: it hangs, or its machine does. */
export class EngineSilentError extends FabricError {
  static override readonly name = 'EngineSilentError'

  constructor(place: string, call: string, limitMs: number) {
    super(
      `The Docker engine at ${place} did not answer within ${limitMs / 1000} s (${call}): ` +
        'it hangs, or its machine does. Restart it, or run without an engine: --fabric sim.',
    )
  }
}

/**
 * The engine made the lab's networks with a way out: it ignores the options that keep them in (Podman does), so nothing is
 * started on them.
 */
export class LabNotConfinedError extends FabricError {
  static override readonly name = 'LabNotConfinedError'

  constructor(place: string, ways: readonly string[]) {
    super(
      `The networks that ${place} makes have a way out of the lab, so nothing is started there:\n${indent([...ways])}\n` +
        'A lab needs bridges on which the host has no address (inhibit_ipv4) and translates nothing ' +
        '(enable_ip_masquerade=false). Use a Docker engine, or run without one: --fabric sim.',
    )
  }
}

/** The lab that is to be removed is one that a process of this machine runs. */
export class LabInUseError extends FabricError {
  static override readonly name = 'LabInUseError'

  constructor(id: string, pid: number) {
    super(`Lab ${id} still runs: end process ${pid} first (Ctrl-C there), which removes it.`)
  }
}

/** A scenario's node has a swarm key that cannot be read. */
export class SwarmKeyUnreadableError extends FabricError {
  static override readonly name = 'SwarmKeyUnreadableError'
}

/** The engine has no lab of this id. */
export class NoSuchLabError extends FabricError {
  static override readonly name = 'NoSuchLabError'

  constructor(id: string) {
    super(`The engine has no lab ${id}: there is nothing to remove.`)
  }
}

/** Somebody removed a part of the lab, or its image, while the run was under way. */
export class RemovedMeanwhileError extends FabricError {
  static override readonly name = 'RemovedMeanwhileError'

  constructor(what: string, why: string, options?: ErrorOptions) {
    super(
      `Something that ${what} needs was removed from the engine while the run was under way (${why}). ` +
        'Was `docker system prune`, `docker rm` or `npm run clean -- --kept` run meanwhile? Run it again.',
      options,
    )
  }
}

/** The engine could not build an image. Carries the build's last lines. */
export class ImageBuildError extends FabricError {
  static override readonly name = 'ImageBuildError'

  constructor(tag: string, lastLines: string[], options?: ErrorOptions) {
    super(
      `The image ${tag} could not be built. The build's last lines:\n${indent(lastLines)}\n` +
        'Fix what they say (a base image is named by NODE_IMAGE and DEBIAN_IMAGE; the build needs the network), ' +
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

/** A container ended before it was ready, or while it was needed. */
export class ContainerDiedError extends ProcessDiedError {
  static override readonly name = 'ContainerDiedError'
}

export interface DroppedPackets {
  sender: string
  receiver: string
  network: string
  /** The host's device; null where unknown. */
  bridge: string | null
  /** How many were sent; null where unknown. */
  count: number | null
  /** What of the host's rules could be seen. */
  seen: string
}

/**
 * The engine's host drops what containers of one network send each other: engines from 28 on do so in the raw table on
 * hosts whose bridges are filtered, administrators in DOCKER-USER or FORWARD, other firewalls in tables of their own.
 */
export class PacketsDroppedByHostError extends FabricError {
  static override readonly name = 'PacketsDroppedByHostError'

  constructor({ sender, receiver, network, bridge, count, seen }: DroppedPackets) {
    const sent = count === null ? 'packets' : `${count} packet${count === 1 ? '' : 's'}`
    super(
      `The Docker host drops packets inside the lab: \`${sender}\` sent ${sent} on network \`${network}\` ` +
        `(bridge ${bridge ?? 'unknown'}), and \`${receiver}\` received none of them. ${seen.trim()}\n` +
        'What can drop them on the host: `iptables -t raw -S PREROUTING`, `iptables -S DOCKER-USER`, `iptables -S FORWARD`, ' +
        'and `nft list ruleset` for other tables. Remove the rule, or set net.bridge.bridge-nf-call-iptables to 0 where ' +
        'nothing else needs it, or run without an engine: --fabric sim.',
    )
  }
}

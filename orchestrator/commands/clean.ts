import { FabricError } from '#orchestrator/fabric/errors.ts'
import { FABRIC_NAMES, fabricFacts } from '#orchestrator/scenario/fabrics.ts'
import { EXIT, type ExitStatus } from './exit-status.ts'
import type { CommandIo } from './io.ts'
import type { FabricLoader } from './loaders.ts'

export interface CleanFlags {
  /** Only this lab; null: what killed runs left. */
  lab: string | null
  kept: boolean
  images: boolean
  /** On the engines of a Swarm, and nowhere else. Default false: at the one engine. */
  swarm?: boolean
}

/**
 * Removes what killed runs left on the fabrics that can leave something; the simulated network leaves nothing.
 *
 * @throws FabricError where a fabric cannot be asked: nobody can tell what it holds
 */
export async function cleanCommand(
  { lab, kept, images, swarm = false }: CleanFlags,
  io: CommandIo,
  { load }: { load: FabricLoader },
): Promise<ExitStatus> {
  const { signal } = io
  const removed: string[] = []
  const missing: string[] = []
  let left = 0
  const onLeft = (line: string): void => {
    left += 1
    io.stdout(`${line}\n`)
  }
  for (const name of FABRIC_NAMES) {
    if (fabricFacts(name).inProcess || (name === 'swarm') !== swarm) continue
    const fabric = await load(name)
    const { available, detail } = await fabric.probe({ signal })
    if (available) removed.push(...(await fabric.clean({ kept, lab, images, onLeft, signal })))
    else missing.push(detail)
  }
  for (const what of removed) io.stdout(`removed ${what}\n`)
  if (missing.length > 0) throw new FabricError(`cannot tell what is left: ${missing.join('; ')}`)
  if (removed.length === 0 && left === 0) io.stdout('Nothing to remove.\n')
  return EXIT.held
}

import { FABRIC_NAMES, fabricFacts } from '#orchestrator/scenario/fabrics.ts'
import { EXIT, type ExitStatus } from './exit-status.ts'
import type { CommandIo } from './io.ts'
import type { FabricLoader } from './loaders.ts'

/** Removes what killed runs left on the fabrics that can leave something; the simulated network leaves nothing. */
export async function cleanCommand(
  { kept, images }: { kept: boolean; images: boolean },
  io: CommandIo,
  { load }: { load: FabricLoader },
): Promise<ExitStatus> {
  const { signal } = io
  const removed: string[] = []
  const missing: string[] = []
  for (const name of FABRIC_NAMES) {
    const { inProcess, needs } = fabricFacts(name)
    if (inProcess) continue
    const fabric = await load(name)
    const { available, detail } = await fabric.probe({ signal })
    if (available) removed.push(...(await fabric.clean({ kept, images, signal })))
    else missing.push(`${needs?.missing ?? `${name} is not here`}.\n${detail}`)
  }
  for (const what of removed) io.stdout(`removed ${what}\n`)
  if (removed.length === 0) {
    io.stdout(missing.length === 0 ? 'Nothing to remove.\n' : 'Nothing to remove: ')
  }
  for (const text of missing) io.stdout(`${text}\n`)
  return EXIT.held
}

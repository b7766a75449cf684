import type { FabricLoader } from '#orchestrator/commands/select.ts'
import { EXIT, type ExitStatus } from './exit-status.ts'
import type { CommandIo } from './io.ts'

/** Removes what killed runs left on the Docker engine; the simulated network leaves nothing. */
export async function cleanCommand(
  { kept, images }: { kept: boolean; images: boolean },
  io: CommandIo,
  { load }: { load: FabricLoader },
): Promise<ExitStatus> {
  const { signal } = io
  const docker = await load('docker')
  const { available, detail } = await docker.probe({ signal })
  if (!available) {
    io.stdout(`Nothing to remove: no Docker engine answers.\n${detail}\n`)
    return EXIT.held
  }
  const removed = await docker.clean({ kept, images, signal })
  for (const what of removed) io.stdout(`removed ${what}\n`)
  if (removed.length === 0) io.stdout('Nothing to remove.\n')
  return EXIT.held
}

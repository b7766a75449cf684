import { serveLab } from '#orchestrator/lab/server.ts'
import { EXIT, type ExitStatus } from './exit-status.ts'
import type { CommandIo } from './io.ts'
import { starterScenario } from './starter.ts'
import { untilAborted } from './until-aborted.ts'

export interface LabWords {
  /** 0: a free one. */
  port: number
  /** The program that runs scenarios. */
  entry: string
}

/** Serves the lab until the user ends it. */
export async function labCommand({ port, entry }: LabWords, io: CommandIo): Promise<ExitStatus> {
  const starter = starterScenario('my-network', null)
  const { directory, env } = io
  await using lab = await serveLab({ port, starter, command: { entry, directory, env } })
  io.stdout(`the lab is at ${lab.url}\nuntil Ctrl-C, for this machine's browser alone\n`)
  await untilAborted(io.signal)
  return EXIT.held
}

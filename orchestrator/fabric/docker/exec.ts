import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Engine } from './engine.ts'
import { EngineRefusedError } from './errors.ts'
import { reason } from './refusals.ts'

export interface ExecOutcome {
  exitCode: number
  output: string
  errors: string
}

/**
 * Runs a command in a running container, to its end.
 *
 * @throws EngineRefusedError where the engine cannot start it; a command that fails is an outcome
 */
export async function execIn(
  { docker }: Engine,
  containerId: string,
  command: string[],
): Promise<ExecOutcome> {
  try {
    const exec = await docker
      .getContainer(containerId)
      .exec({ Cmd: command, AttachStdout: true, AttachStderr: true })
    const stream = await exec.start({})
    const [output, errors] = [new PassThrough(), new PassThrough()]
    docker.modem.demuxStream(stream, output, errors)
    stream.once('close', () => {
      output.end()
      errors.end()
    })
    const [said, complained] = await Promise.all([text(output), text(errors)])
    const { ExitCode } = await exec.inspect()
    return { exitCode: ExitCode ?? 0, output: said, errors: complained }
  } catch (error) {
    throw new EngineRefusedError(
      `The engine could not run \`${command.join(' ')}\`: ${reason(error)}.`,
      { cause: error },
    )
  }
}

/** As `execIn`, for commands that have no business failing; returns what they print. */
export async function mustExecIn(
  engine: Engine,
  containerId: string,
  title: string,
  command: string[],
): Promise<string> {
  const { exitCode, output, errors } = await execIn(engine, containerId, command)
  if (exitCode === 0) return output
  throw new EngineRefusedError(
    `\`${command.join(' ')}\` in \`${title}\` ended with status ${exitCode}: ${errors.trim()}`,
  )
}

import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Engine } from '#orchestrator/fabric/docker/engine.ts'

export interface ExecOutcome {
  exitCode: number
  output: string
  errors: string
}

/** Runs a command in a running container, to its end; a command that fails is an outcome. */
export async function execIn(
  { docker }: Engine,
  containerId: string,
  command: string[],
): Promise<ExecOutcome> {
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
}

import { createStyle, wantsColors } from '#node/view/style.ts'
import { examineEngine, type EngineFinding } from '#orchestrator/fabric/docker/examine.ts'
import { createScreen } from '#orchestrator/report/screen.ts'
import { EXIT, type ExitStatus } from './exit-status.ts'
import { type CommandIo, overwritesLines } from './io.ts'
import { proofCommand, type ProofComponents } from './proof.ts'

/**
 * Examines the Docker engine that labs would use, then makes one router there and measures it: what an engine says of
 * itself proves nothing.
 *
 * @throws FabricError where no engine answers, or a lab there has a way out; NatProofError
 */
export async function engineCommand(
  io: CommandIo,
  components: ProofComponents,
): Promise<ExitStatus> {
  const { env, signal } = io
  const style = createStyle(wantsColors(io.isTerminal, env))
  const screen = createScreen({ write: io.stdout, live: overwritesLines(io), width: io.columns })
  let findings: EngineFinding[]
  try {
    findings = await examineEngine({ env, signal, onProgress: (text) => screen.status(text) })
  } finally {
    screen.clear()
  }
  const width = Math.max(...findings.map(({ name }) => name.length))
  for (const { name, isWell, text } of findings) {
    const mark = isWell === null ? ' ' : isWell ? style('green', '✔') : style('red', '✘')
    screen.print(`${mark} ${name.padEnd(width)}  ${text}`)
  }
  screen.print('')
  const proven = await proofCommand('one-to-one', 'docker', io, components)
  return findings.some(({ isWell }) => isWell === false) ? EXIT.fabric : proven
}

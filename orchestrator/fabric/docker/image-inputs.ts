import { glob } from 'node:fs/promises'
import { hashFiles } from '../hash-files.ts'
import { PROGRAM_INPUTS } from '../program-inputs.ts'
import { BASE_IMAGE_NAMES } from './base-images.ts'

/** Targets of `node/Dockerfile`. */
export type BuildTarget = 'node' | 'router'

export const DOCKERFILE = 'node/Dockerfile'

/**
 * Files that each target is made from, as globs. `.dockerignore` lets the same ones through, so that a build from the
 * command line or by Compose gets what a lab gets.
 */
export const INPUTS: Readonly<Record<BuildTarget, readonly string[]>> = {
  node: [DOCKERFILE, ...PROGRAM_INPUTS],
  router: [DOCKERFILE],
}

/** A build's files and everything else that decides what comes out. */
export interface ImageInputs {
  target: BuildTarget
  /** Paths from the root, sorted. */
  files: string[]
  buildArguments: Record<string, string>
  /** The same for the same inputs: `kadlab-node:<hash of contents>`. */
  tag: string
}

/** Reads what an image would be built from. */
export async function readInputs(
  root: string,
  target: BuildTarget,
  env: Readonly<Record<string, string | undefined>>,
): Promise<ImageInputs> {
  const files: string[] = []
  for await (const path of glob([...INPUTS[target]], { cwd: root })) {
    files.push(path.replaceAll('\\', '/'))
  }
  files.sort()
  const buildArguments = Object.fromEntries(
    BASE_IMAGE_NAMES.map((name) => [name, env[name] ?? ''] as const).filter(
      ([, image]) => image !== '',
    ),
  )
  const tag = `kadlab-${target}:${await hashFiles(root, files, [target, buildArguments])}`
  return { target, files, buildArguments, tag }
}

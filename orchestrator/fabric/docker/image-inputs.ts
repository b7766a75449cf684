import { createHash } from 'node:crypto'
import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Targets of `node/Dockerfile`. */
export type Target = 'node' | 'router'

export const DOCKERFILE = 'node/Dockerfile'

/** Base images that a build may take instead of the Dockerfile's own, by build argument. */
export const BASE_IMAGES = ['NODE_IMAGE', 'DEBIAN_IMAGE'] as const

/**
 * Files that each target is made from, as globs. `.dockerignore` lets the same ones through, so that a build from the
 * command line or by Compose gets what a lab gets.
 */
export const INPUTS: Readonly<Record<Target, readonly string[]>> = {
  node: [
    DOCKERFILE,
    'package.json',
    'package-lock.json',
    'scripts/pack/bundle.ts',
    'scripts/pack/bundle/*.ts',
    'node/**/*.ts',
    'orchestrator/probe/**/*.ts',
    'orchestrator/net/**/*.ts',
    'orchestrator/plan/**/*.ts',
    'orchestrator/router/**/*.ts',
  ],
  router: [DOCKERFILE],
}

/** A build's files and everything else that decides what comes out. */
export interface ImageInputs {
  target: Target
  /** Paths from the root, sorted. */
  files: string[]
  buildArguments: Record<string, string>
  /** The same for the same inputs: `kadlab-node:<hash of contents>`. */
  tag: string
}

/** Reads what an image would be built from. */
export async function readInputs(
  root: string,
  target: Target,
  env: Readonly<Record<string, string | undefined>>,
): Promise<ImageInputs> {
  const files: string[] = []
  for await (const path of glob([...INPUTS[target]], { cwd: root })) {
    files.push(path.replaceAll('\\', '/'))
  }
  files.sort()
  const buildArguments = Object.fromEntries(
    BASE_IMAGES.map((name) => [name, env[name] ?? ''] as const).filter(([, image]) => image !== ''),
  )
  const contents = await Promise.all(files.map((file) => readFile(join(root, file))))
  const hash = createHash('sha256')
  hash.update(JSON.stringify([target, buildArguments]))
  for (const [index, content] of contents.entries()) {
    hash.update(`\n${files[index]} ${content.length}\n`)
    hash.update(content)
  }
  const tag = `kadlab-${target}:${hash.digest('hex').slice(0, 16)}`
  return { target, files, buildArguments, tag }
}

import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { KadlabError } from '#node/base/errors.ts'
import { withBaseImages } from './base-images.ts'
import { readBuildConfig } from './docker-config.ts'
import type { Engine } from './engine.ts'
import { ImageBuildError } from './errors.ts'
import { DOCKERFILE, readInputs, type BuildTarget } from './image-inputs.ts'
import { IMAGE_LABEL } from './labels.ts'
import type { ImageOptions } from './program.ts'
import { isGone, reason } from './refusals.ts'

/** How many of a failed build's lines are shown. */
const LAST_LINES = 20

/** How much of a build's step is shown as it begins, in characters. */
const STEP_LENGTH = 72

export interface ImageRequest extends ImageOptions {
  /** Folder of the sources. */
  root: string
  target: BuildTarget
  env: Readonly<Record<string, string | undefined>>
}

/**
 * Makes sure that an image of exactly these sources is at the engine; returns its tag. What is there is used as it is.
 * Two runs that build the same one at once get the same.
 *
 * @throws ImageBuildError
 */
export async function ensureImage(engine: Engine, request: ImageRequest): Promise<string> {
  const { root, target, env, onProgress, signal } = request
  const { tag, files, buildArguments } = await readInputs(
    root,
    target,
    await withBaseImages((image) => hasImage(engine, image), env),
  )
  if (await hasImage(engine, tag)) return tag
  signal?.throwIfAborted()
  onProgress(`building the image ${tag}, once for these sources`)
  const build = { tag, title: target, context: root, files, dockerfile: DOCKERFILE, buildArguments }
  await buildImage(engine, { ...build, target }, request)
  return tag
}

/** Whether the engine has an image of this tag. */
export async function hasImage({ docker }: Engine, tag: string): Promise<boolean> {
  try {
    await docker.getImage(tag).inspect()
    return true
  } catch (error) {
    if (isGone(error)) return false
    if (error instanceof KadlabError) throw error
    throw new ImageBuildError(tag, [reason(error)], { cause: error })
  }
}

/** What the engine is given to build an image from. */
export interface ImageBuild {
  tag: string
  /** What the image is, for people and for its `IMAGE_LABEL`. */
  title: string
  /** Folder on this machine. */
  context: string
  /** Paths from `context`. */
  files: readonly string[]
  dockerfile: string
  buildArguments: Readonly<Record<string, string>>
  /** A stage of the Dockerfile. Default: the last one. */
  target?: string
}

/**
 * Builds an image.
 *
 * @throws ImageBuildError with the last lines of the build
 */
export async function buildImage(
  { docker, endpoint, env }: Engine,
  build: ImageBuild,
  { onProgress, signal }: ImageOptions,
): Promise<void> {
  const lastLines: string[] = []
  const call = signal === undefined ? {} : { signal }
  const { registries, proxies } = await readBuildConfig(env, endpoint.host, call)
  try {
    const stream = (await docker.buildImage(
      { context: build.context, src: [...build.files] },
      {
        dockerfile: build.dockerfile,
        t: build.tag,
        buildargs: { ...proxies, ...build.buildArguments },
        ...(Object.keys(registries).length === 0 ? {} : { registryconfig: registries }),
        labels: { [IMAGE_LABEL]: build.title },
        ...(build.target === undefined ? {} : { target: build.target }),
        rm: true,
        forcerm: true,
        ...(signal === undefined ? {} : { abortSignal: signal }),
      },
    )) as Readable
    // Giving up the answer makes the engine give up the build.
    const onAbort = (): void => void stream.destroy(signal?.reason as Error)
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      for await (const line of createInterface({ input: stream })) {
        note(JSON.parse(line) as BuildMessage)
      }
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
    signal?.throwIfAborted()
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof KadlabError) throw error
    throw new ImageBuildError(build.tag, [...lastLines, reason(error)], { cause: error })
  }

  function note(message: BuildMessage): void {
    const lines = (message.stream ?? '').split('\n').filter((line) => line.trim() !== '')
    lastLines.push(...lines)
    lastLines.splice(0, lastLines.length - LAST_LINES)
    for (const line of lines) {
      if (line.startsWith('Step ')) onProgress(`image ${build.title}: ${shortened(line)}`)
    }
    if (message.error !== undefined) {
      throw new ImageBuildError(build.tag, [...lastLines, message.error])
    }
  }
}

/** A step of a Dockerfile may be a whole script. */
function shortened(line: string): string {
  return line.length <= STEP_LENGTH ? line : `${line.slice(0, STEP_LENGTH - 1)}…`
}

interface BuildMessage {
  stream?: string
  error?: string
}

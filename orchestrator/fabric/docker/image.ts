import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { KadlabError } from '#node/errors.ts'
import type { Engine } from './engine.ts'
import { ImageBuildError } from './errors.ts'
import { DOCKERFILE, type ImageInputs, readInputs, type Target } from './image-inputs.ts'
import type { ImageOptions } from './program.ts'
import { isGone, reason } from './refusals.ts'

/** How many of a failed build's lines are shown. */
const LAST_LINES = 20

export interface ImageRequest extends ImageOptions {
  /** Folder of the sources. */
  root: string
  target: Target
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
  const inputs = await readInputs(root, target, env)
  if (await hasImage(engine, inputs.tag)) return inputs.tag
  signal?.throwIfAborted()
  onProgress(`building the image ${inputs.tag}, once for these sources`)
  await buildImage(engine, inputs, request)
  return inputs.tag
}

async function hasImage({ docker }: Engine, tag: string): Promise<boolean> {
  try {
    await docker.getImage(tag).inspect()
    return true
  } catch (error) {
    if (isGone(error)) return false
    throw new ImageBuildError(tag, [reason(error)], { cause: error })
  }
}

async function buildImage(
  { docker }: Engine,
  inputs: ImageInputs,
  { root, target, onProgress, signal }: ImageRequest,
): Promise<void> {
  const lastLines: string[] = []
  try {
    const stream = (await docker.buildImage(
      { context: root, src: inputs.files },
      {
        dockerfile: DOCKERFILE,
        t: inputs.tag,
        target,
        buildargs: inputs.buildArguments,
        labels: { 'kadlab.image': target },
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
    throw new ImageBuildError(inputs.tag, [...lastLines, reason(error)], { cause: error })
  }

  function note(message: BuildMessage): void {
    const lines = (message.stream ?? '').split('\n').filter((line) => line.trim() !== '')
    lastLines.push(...lines)
    lastLines.splice(0, lastLines.length - LAST_LINES)
    for (const line of lines) if (line.startsWith('Step ')) onProgress(`image ${target}: ${line}`)
    if (message.error !== undefined) {
      throw new ImageBuildError(inputs.tag, [...lastLines, message.error])
    }
  }
}

interface BuildMessage {
  stream?: string
  error?: string
}

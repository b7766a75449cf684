import { describeError } from '#node/base/errors.ts'
import type { Engine } from '../docker/engine.ts'
import { ImageBuildError } from '../docker/errors.ts'
import { hasImage } from '../docker/image.ts'
import type { LabImages } from '../docker/lab.ts'
import type { ImageOptions } from '../docker/program.ts'
import type { SwarmEngine } from './engines-file.ts'

/**
 * Brings a lab's images from the engine that has them to those that lack them, through this process: what is there
 * already is not sent again.
 *
 * @throws ImageBuildError where an engine takes one not
 */
export async function loadImages(
  source: Engine,
  images: LabImages,
  engines: readonly SwarmEngine[],
  how: ImageOptions,
): Promise<void> {
  const tags = new Set([
    images.router,
    images.agent,
    ...[...images.programs.values()].map(({ image }) => image),
  ])
  await Promise.all(
    engines.map(async (each) => {
      for (const tag of tags) await loadImage(source, tag, each, how)
    }),
  )
}

async function loadImage(
  source: Engine,
  tag: string,
  { name, engine }: SwarmEngine,
  { onProgress, signal }: ImageOptions,
): Promise<void> {
  if (await hasImage(engine, tag)) return
  signal?.throwIfAborted()
  onProgress(`sending the image ${tag} to ${name}, once for these sources`)
  try {
    const saved = await source.docker.getImage(tag).get()
    const loaded = await engine.docker.loadImage(saved, { quiet: true })
    // It is loaded once the engine has said all that it has to say.
    for await (const _ of loaded) signal?.throwIfAborted()
  } catch (error) {
    signal?.throwIfAborted()
    throw new ImageBuildError(`${tag} for ${name}`, [describeError(error)], { cause: error })
  }
  if (!(await hasImage(engine, tag))) {
    throw new ImageBuildError(`${tag} for ${name}`, ['it was sent, and is not there'])
  }
}

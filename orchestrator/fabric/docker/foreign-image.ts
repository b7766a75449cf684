import { randomBytes } from 'node:crypto'
import { copyFile, glob, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeError } from '#node/base/errors.ts'
import { hashFiles } from '../hash-files.ts'
import { buildLocally, type LocalBuild, LocalBuildError } from '../local-build.ts'
import { BASE_IMAGES, withBaseImages } from './base-images.ts'
import type { Engine } from './engine.ts'
import { buildImage, hasImage } from './image.ts'
import { IMAGE_LABEL } from './labels.ts'
import type { ImageOptions } from './program.ts'
import { isGone } from './refusals.ts'

/** In `env`, base images by the names of their build arguments too. */
export type ForeignImageRequest = ImageOptions & LocalBuild

/** What the image of a program that was built on this machine is made of. */
const DEFAULT_BASE = BASE_IMAGES.DEBIAN_IMAGE.pinned
const PREBUILT_DOCKERFILE = `ARG DEBIAN_IMAGE=${DEFAULT_BASE}
FROM \${DEBIAN_IMAGE}
COPY peer /usr/local/bin/peer
USER 65534:65534
ENTRYPOINT ["/usr/local/bin/peer"]
`

/**
 * Makes sure that the image of a foreign peer is at the engine; returns its tag, which is made from its sources.
 *
 * It is built with the local toolchain where that makes a program that runs in the image, tried by starting it there
 * (a machine newer than the image may link against a C library that the image lacks); else with its Dockerfile.
 *
 * @throws ImageBuildError
 */
export async function ensureForeignImage(
  engine: Engine,
  request: ForeignImageRequest,
): Promise<string> {
  const { sources, root, env, onProgress, signal } = request
  const context = join(root, sources.folder)
  const files = await Array.fromAsync(glob([...sources.inputs], { cwd: context }))
  files.sort()
  const bases = await withBaseImages((image) => hasImage(engine, image), env)
  const buildArguments = Object.fromEntries(
    sources.baseImages.map((name) => [name, bases[name] ?? '']).filter(([, image]) => image !== ''),
  ) as Record<string, string>
  const tag = `kadlab-peer-${sources.name}:${await hashFiles(context, files, [PREBUILT_DOCKERFILE, buildArguments])}`
  if (await hasImage(engine, tag)) return tag
  signal?.throwIfAborted()
  try {
    await buildAround(engine, request, { tag, buildArguments })
  } catch (error) {
    if (!(error instanceof LocalBuildError)) throw error
    onProgress(`${sources.name}: ${describeError(error)}; building with its Dockerfile instead`)
    const build = { tag, title: sources.name, context, files, buildArguments }
    await buildImage(engine, { ...build, dockerfile: 'Dockerfile' }, request)
  }
  return tag
}

/** An image around a program that this machine makes. */
async function buildAround(
  engine: Engine,
  request: ForeignImageRequest,
  { tag, buildArguments }: Parts,
): Promise<void> {
  const { name } = request.sources
  const program = await buildLocally(request)
  const folder = await mkdtemp(join(tmpdir(), 'kadlab-peer-'))
  try {
    await copyFile(program, join(folder, 'peer'))
    await writeFile(join(folder, 'Dockerfile'), PREBUILT_DOCKERFILE)
    request.onProgress(`${name}: putting it into an image`)
    const base = buildArguments['DEBIAN_IMAGE'] ?? DEFAULT_BASE
    // Two runs may build the same peer at once.
    const trial = `${tag}-trial-${randomBytes(4).toString('hex')}`
    const build = { title: name, context: folder, files: ['peer', 'Dockerfile'] }
    const image = { ...build, dockerfile: 'Dockerfile', buildArguments: { DEBIAN_IMAGE: base } }
    await buildImage(engine, { ...image, tag: trial }, { onProgress: () => {} })
    try {
      await mustRun(engine, trial)
      const [repository, version] = tag.split(':')
      await engine.docker
        .getImage(trial)
        .tag({ repo: repository ?? tag, ...(version === undefined ? {} : { tag: version }) })
    } finally {
      await engine.docker
        .getImage(trial)
        .remove()
        .catch((error: unknown) => {
          if (!isGone(error)) throw error
        })
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Parts {
  tag: string
  buildArguments: Record<string, string>
}

/** Starts the program in its image, without a network, and has it print its peer id. */
async function mustRun({ docker }: Engine, image: string): Promise<void> {
  const container = await docker.createContainer({
    Image: image,
    Cmd: ['--print-id'],
    Labels: { [IMAGE_LABEL]: 'trial' },
    HostConfig: { NetworkMode: 'none' },
  })
  try {
    await container.start()
    const { StatusCode } = (await container.wait()) as { StatusCode: number }
    if (StatusCode === 0) return
    throw new LocalBuildError(
      `what the local toolchain made does not run in the image (status ${StatusCode})`,
    )
  } finally {
    await container.remove({ force: true })
  }
}

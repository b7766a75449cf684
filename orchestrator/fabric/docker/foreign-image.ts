import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { copyFile, glob, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { AbortOptions } from '#node/base/abort-options.ts'
import { describeError, KadlabError } from '#node/base/errors.ts'
import { hashFiles } from '../hash-files.ts'
import type { Engine } from './engine.ts'
import type { ForeignSources } from './foreign-sources.ts'
import { buildImage, hasImage } from './image.ts'
import { IMAGE_LABEL } from './labels.ts'
import type { ImageOptions } from './program.ts'
import { isGone } from './refusals.ts'

export interface ForeignImageRequest extends ImageOptions {
  /** Folder of kadlab's sources. */
  root: string
  /** Base images by the names of their build arguments; PATH. */
  env: Readonly<Record<string, string | undefined>>
  sources: ForeignSources
}

/** The local toolchain is not there, failed, or made a program that does not run in the image. */
class LocalBuildError extends KadlabError {
  static override readonly name = 'LocalBuildError'
}

/** What the image of a program that was built on this machine is made of. */
const DEFAULT_BASE = 'debian:bookworm-slim'
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
  const buildArguments = Object.fromEntries(
    sources.baseImages.map((name) => [name, env[name] ?? '']).filter(([, image]) => image !== ''),
  ) as Record<string, string>
  const tag = `kadlab-peer-${sources.name}:${await hashFiles(context, files, [PREBUILT_DOCKERFILE, buildArguments])}`
  if (await hasImage(engine, tag)) return tag
  signal?.throwIfAborted()
  try {
    await buildLocally(engine, request, { tag, context, buildArguments })
  } catch (error) {
    if (!(error instanceof LocalBuildError)) throw error
    onProgress(`${sources.name}: ${describeError(error)}; building with its Dockerfile instead`)
    const build = { tag, title: sources.name, context, files, buildArguments }
    await buildImage(engine, { ...build, dockerfile: 'Dockerfile' }, request)
  }
  return tag
}

async function buildLocally(
  engine: Engine,
  { sources, env, onProgress, signal }: ForeignImageRequest,
  { tag, context, buildArguments }: Parts,
): Promise<void> {
  const { toolchain, name } = sources
  const output = join(context, 'target')
  await mkdir(output, { recursive: true })
  onProgress(`${name}: building with the local ${toolchain.command}, once for these sources`)
  await run(toolchain.command, toolchain.arguments(output), {
    cwd: context,
    env: { ...env, ...toolchain.environment },
    signal,
  })
  const folder = await mkdtemp(join(tmpdir(), 'kadlab-peer-'))
  try {
    await copyFile(join(output, toolchain.program), join(folder, 'peer'))
    await writeFile(join(folder, 'Dockerfile'), PREBUILT_DOCKERFILE)
    onProgress(`${name}: putting it into an image`)
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
  context: string
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

async function run(
  command: string,
  args: string[],
  options: { cwd: string; env: Readonly<Record<string, string | undefined>> } & AbortOptions,
): Promise<void> {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] })
  const lastLines: string[] = []
  createInterface({ input: child.stderr }).on('line', (line) => {
    lastLines.push(line)
    lastLines.splice(0, lastLines.length - 10)
  })
  const ended = Promise.withResolvers<number | null>()
  child.once('error', (error) => ended.reject(error))
  child.once('close', (code) => ended.resolve(code))
  let code: number | null
  try {
    code = await ended.promise
  } catch (error) {
    options.signal?.throwIfAborted()
    throw new LocalBuildError(`${command} cannot be started: ${describeError(error)}`, {
      cause: error,
    })
  }
  if (code !== 0) throw new LocalBuildError(`${command} failed:\n${lastLines.join('\n')}`)
}

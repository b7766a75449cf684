/** Whether an engine has an image. */
type Has = (image: string) => Promise<boolean>

/** A base image of the Dockerfiles here. */
export interface BaseImage {
  /** What the Dockerfiles name, by its digest: a tag alone may be another image tomorrow. */
  readonly pinned: string
  /** Labs take what is under this tag where an engine has it and not the pinned one: no registry is asked then. */
  readonly local: string
}

/** By build argument, and by the variable of the environment that names another. */
export const BASE_IMAGES = {
  NODE_IMAGE: {
    pinned:
      'node:24.21.0-bookworm-slim@sha256:0e0ff40c39bc087845bfb27465a0df4ea419520094bc35842ff83dd8cbe6f9b6',
    local: 'node:24-bookworm-slim',
  },
  DEBIAN_IMAGE: {
    pinned:
      'debian:bookworm-20260918-slim@sha256:3783cc01769c7b2b1b83a5c5ad96c815348e28ed7da68e2e3687004faa906251',
    local: 'debian:bookworm-slim',
  },
} as const satisfies Record<string, BaseImage>

export type BaseImageName = keyof typeof BASE_IMAGES
export const BASE_IMAGE_NAMES = Object.keys(BASE_IMAGES) as BaseImageName[]

/** The base image that a lab's build takes at an engine: the environment's, the pinned one, or what is there. */
export async function baseImageAt(
  has: Has,
  name: BaseImageName,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const named = env[name] ?? ''
  if (named !== '') return named
  const { pinned, local } = BASE_IMAGES[name]
  if (await has(pinned)) return pinned
  return (await has(local)) ? local : pinned
}

/** `env`, with the base images of labs at an engine. */
export async function withBaseImages(
  has: Has,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Record<string, string | undefined>> {
  const found = await Promise.all(
    BASE_IMAGE_NAMES.map(async (name) => [name, await baseImageAt(has, name, env)] as const),
  )
  // What the Dockerfiles name by themselves is left to them.
  const others = found.filter(([name, image]) => image !== BASE_IMAGES[name].pinned)
  return { ...env, ...Object.fromEntries(others) }
}

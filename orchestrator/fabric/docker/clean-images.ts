import type { AbortOptions } from '#node/base/abort-options.ts'
import type { Engine } from './engine.ts'
import { IMAGE_LABEL } from './labels.ts'

/**
 * Removes the images of labs that no container uses: one for each state of the sources that was ever run. The next run
 * builds what it needs anew.
 *
 * @param title - of these images only; default all
 * @returns a line where there was any
 */
export async function cleanImages(
  { docker }: Engine,
  { title, signal }: { title?: string } & AbortOptions = {},
): Promise<string[]> {
  signal?.throwIfAborted()
  const label = title === undefined ? IMAGE_LABEL : `${IMAGE_LABEL}=${title}`
  // Not the dangling ones only: each state of the sources has a tag of its own.
  const filters = JSON.stringify({ dangling: ['false'], label: [label] })
  const { ImagesDeleted, SpaceReclaimed } = await docker.pruneImages({ filters })
  const tags = (ImagesDeleted ?? []).filter(({ Untagged }) => Untagged !== undefined)
  if (SpaceReclaimed === 0 && tags.length === 0) return []
  return [`${tags.length} images (${Math.round(SpaceReclaimed / 1e6)} MB)`]
}

import { html } from 'htm/preact'
import { BUCKET_SIZE, bucketsOf } from '#orchestrator/picture/buckets.ts'
import type { NodePicture, VariantPicture } from '#orchestrator/picture/picture.ts'
import { linkTo } from './store.ts'

/** The tree of a node's k-buckets, the farthest first, beside who belongs into each and is not there. */
export function BucketTree({
  node,
  variant,
}: {
  node: NodePicture
  variant: VariantPicture
}): unknown {
  const buckets = bucketsOf(node, variant)
  if (buckets.length === 0) {
    return html`<p class="empty">It lists nobody, and there is no other server to list.</p>`
  }
  const listed = buckets.reduce((sum, bucket) => sum + bucket.listed.length, 0)
  const missing = buckets.reduce((sum, bucket) => sum + bucket.missing.length, 0)
  const observer = node.plan.name
  const leaf = (look: string, sign: string) => (target: string) =>
    html`<a class=${look} href=${linkTo({ node: observer, target })}>${sign} ${target}</a>`
  return html`<p class="facts">
      ${`Lists ${listed} of the ${listed + missing} that it could; a bucket holds ${BUCKET_SIZE}.`}
    </p>
    <ol class="buckets">
      ${buckets.map(
        ({ sharedBits, listed, missing }, depth) =>
          html`<li>
            <code
              >${`${'│ '.repeat(Math.min(depth, 6))}├─ ${sharedBits} ${sharedBits === 1 ? 'bit' : 'bits'} shared`}</code
            >
            <span>${listed.map(leaf('good', '●'))} ${missing.map(leaf('bad', '○'))}</span>
          </li>`,
      )}
    </ol>
    <p class="legend">
      <span class="good">● listed</span> <span class="bad">○ a server that is not</span>
    </p>`
}

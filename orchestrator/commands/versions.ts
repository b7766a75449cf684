import { version as libp2p } from 'libp2p/version'
import { VERSION } from '#node/base/version.ts'

/** The versions that a report carries. */
export function runVersions(engine: string | null): Record<string, string> {
  return {
    kadlab: VERSION,
    libp2p,
    node: process.versions.node,
    ...(engine !== null && { engine }),
  }
}

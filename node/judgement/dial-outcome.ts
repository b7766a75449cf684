import type { DialErrorKind } from './causes.ts'

/** How one dial of one address ended. */
export interface DialOutcome {
  address: string
  ok: boolean
  kind: DialErrorKind | null
  error: string | null
  durationMs: number
}

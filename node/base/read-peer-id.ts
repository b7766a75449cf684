import { peerIdFromString } from '@libp2p/peer-id'

/** A peer id as libp2p prints it, which may be spelled as a CID, in base 32 or 36; null where it is none. */
export function readPeerId(spelled: string): string | null {
  try {
    return peerIdFromString(spelled).toString()
  } catch {
    return null
  }
}

// Taken before simulated time replaces it.
const realNow = Date.now

/** Milliseconds since the epoch in the real world, for those in simulated time too: for reports alone. */
export function wallNow(): number {
  return realNow()
}

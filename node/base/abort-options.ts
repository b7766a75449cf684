/** Every call can be given up. */
export interface AbortOptions {
  signal?: AbortSignal | undefined
}

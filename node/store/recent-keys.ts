/** Which keys were told of lately: within the turn that runs, or the one before. Nothing older is kept. */
export class RecentKeys {
  #now = new Set<string>()
  #before = new Set<string>()

  note(name: string): void {
    this.#now.add(name)
  }

  has(name: string): boolean {
    return this.#now.has(name) || this.#before.has(name)
  }

  /** A turn is over. */
  turn(): void {
    this.#before = this.#now
    this.#now = new Set()
  }
}

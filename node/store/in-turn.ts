/** Work on one name, one piece after the other in the order in which it was asked for; other names do not wait. */
export class InTurn {
  readonly #last = new Map<string, Promise<unknown>>()

  /** Does a piece of work once those before it have ended, in whatever way. */
  async run<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name)
    const running = before === undefined ? work() : before.then(work, work)
    this.#last.set(name, running)
    try {
      return await running
    } finally {
      if (this.#last.get(name) === running) this.#last.delete(name)
    }
  }
}

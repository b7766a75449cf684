import { once, EventEmitter } from 'node:events'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LivePage, serveLivePage } from '#orchestrator/live/live-page.ts'
import type { LabRun, LabState, RunRequest } from '#orchestrator/web/lab/protocol.ts'
import { type CommandPlace, startCommand, type StartedCommand } from './command.ts'
import { RunUnderWayError } from './errors.ts'

/** Characters of what a run says beside its events: the newest are kept. */
const MOST_SAID = 20_000

/** Runs scenarios, one at a time, each as a process of its own: simulated time needs one for itself. */
export class Runs implements AsyncDisposable {
  readonly #place: CommandPlace
  readonly #framedBy: () => readonly string[]
  readonly #changes = new EventEmitter()
  #state: LabState = { change: 0, run: null }
  #page: LivePage | null = null
  #command: StartedCommand | null = null
  #isStarting = false

  /** @param framedBy - origins whose pages show the page of a run in a frame */
  constructor(place: CommandPlace, framedBy: () => readonly string[]) {
    this.#place = place
    this.#framedBy = framedBy
    // One for each page that waits for a change.
    this.#changes.setMaxListeners(0)
  }

  get state(): LabState {
    return this.#state
  }

  /** Resolves with the state once it is another than the one of that number. */
  async after(change: number, signal: AbortSignal): Promise<LabState> {
    while (this.#state.change === change) await once(this.#changes, 'change', { signal })
    return this.#state
  }

  /**
   * Starts a run of a text that was checked; resolves once it is under way.
   *
   * @param name - the scenario's
   * @throws RunUnderWayError where one is
   */
  async start(name: string, { text, fabric, seed, realTime }: RunRequest): Promise<LabState> {
    if (this.#isStarting || this.#command !== null) {
      throw new RunUnderWayError('a run is under way: stop it, or wait for its end')
    }
    this.#isStarting = true
    try {
      await this.#page?.[Symbol.asyncDispose]()
      const folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-lab-'))
      const file = join(folder.path, `${name}.yaml`)
      await writeFile(file, text)
      const page = await serveLivePage(`${name} on ${fabric}`, { framedBy: this.#framedBy() })
      this.#page = page
      this.#say({ scenario: name, fabric, url: page.url, state: 'running', status: null, said: '' })
      const words = ['scenario', file, '--fabric', fabric, '--seed', String(seed), '--events']
      if (realTime) words.push('--real-time')
      this.#command = startCommand(this.#place, words, {
        onEvent: (event) => page.onEvent(event),
        onSaid: (text) => this.#change((run) => ({ said: (run.said + text).slice(-MOST_SAID) })),
      })
      void this.#finish(this.#command, folder)
      return this.#state
    } finally {
      this.#isStarting = false
    }
  }

  async #finish({ ended }: StartedCommand, folder: AsyncDisposable): Promise<void> {
    const status = await ended
    await folder[Symbol.asyncDispose]()
    this.#command = null
    this.#change(() => ({ state: 'ended', status }))
  }

  /** Ends the run that is under way, if there is one, as Ctrl-C would. */
  stop(): LabState {
    // Once more would end it at once, and leave its lab behind.
    if (this.#state.run?.state === 'running') {
      this.#change(() => ({ state: 'stopping' }))
      this.#command?.interrupt()
    }
    return this.#state
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state.run?.state === 'running') await this.#command?.end()
    else await this.#command?.ended
    await this.#page?.[Symbol.asyncDispose]()
  }

  #change(part: (run: LabRun) => Partial<LabRun>): void {
    const { run } = this.#state
    if (run !== null) this.#say({ ...run, ...part(run) })
  }

  #say(run: LabRun): void {
    this.#state = { change: this.#state.change + 1, run }
    this.#changes.emit('change')
  }
}

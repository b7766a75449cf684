import { signal } from '@preact/signals'
import { askCheck, askRun, askScenario, askState, askStop, LabError } from './ask.ts'
import type { Editor } from './editor.ts'
import type { LabFault, LabRun, LabStart } from './protocol.ts'

/** What the page begins with; null until the lab has answered. */
export const start = signal<LabStart | null>(null)
/** What is wrong in the text; null while it is being looked at. */
export const faults = signal<readonly LabFault[] | null>([])
/** The newest run. */
export const run = signal<LabRun | null>(null)
/** Why the lab refused the last thing that was asked; empty: it did not. */
export const trouble = signal('')

export const fabric = signal('sim')
export const seed = signal(1)
export const realTime = signal(false)

/** Pause in writing after which the text is looked at. */
const PAUSE_MS = 250

let editor: Editor | null = null
let pause: ReturnType<typeof setTimeout> | undefined
/** Counts texts, so that an answer about an older one is no news. */
let texts = 0

/** Under which the browser keeps, for as long as the page is open, what is written: to be there again after a reload. */
const DRAFT = 'draft'

/** Makes an editor the one that is run; what it begins with is what was written before, or the text to begin with. */
export function useEditor(made: Editor): void {
  editor = made
  editor.replace(sessionStorage.getItem(DRAFT) ?? start.value?.starter ?? '')
}

/** The text has changed, or where it is to run: what is wrong in it is asked for once nobody writes. */
export function textChanged(): void {
  texts += 1
  sessionStorage.setItem(DRAFT, textNow())
  faults.value = null
  clearTimeout(pause)
  pause = setTimeout(() => void check(texts), PAUSE_MS)
}

async function check(about: number): Promise<void> {
  const text = editor?.text() ?? ''
  await told(async () => {
    const { faults: found } = await askCheck({ text, fabric: fabric.value })
    if (about === texts) show(found)
  })
}

function show(found: readonly LabFault[]): void {
  faults.value = found
  editor?.mark(found)
}

/** Takes a scenario of the catalogue, or the one to begin with, into the editor. */
export async function pick(name: string): Promise<void> {
  await told(async () => {
    editor?.replace(name === '' ? (start.value?.starter ?? '') : await askScenario(name))
  })
}

/** Takes the reader to a fault. */
export function goTo(fault: LabFault): void {
  editor?.goTo(fault)
}

/** The text as it stands. */
export function textNow(): string {
  return editor?.text() ?? ''
}

/** Runs the text. */
export async function runText(): Promise<void> {
  const text = textNow()
  await told(async () => {
    const request = { text, fabric: fabric.value, seed: seed.value, realTime: realTime.value }
    const state = await askRun(request)
    run.value = state.run
  })
}

export async function stopRun(): Promise<void> {
  await told(askStop)
}

/** Follows the runs of the lab, those too that another page begins, for as long as it answers. */
export async function followRuns(): Promise<void> {
  await told(async () => {
    for (let change = -1; ;) {
      const state = await askState(change)
      change = state.change
      run.value = state.run
    }
  })
}

async function told(work: () => Promise<void>): Promise<void> {
  try {
    trouble.value = ''
    await work()
  } catch (error) {
    if (!(error instanceof LabError)) throw error
    trouble.value = error.message
    if (error.faults.length > 0) show(error.faults)
  }
}

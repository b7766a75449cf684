import { html } from 'htm/preact'
import { type ComponentChild, render } from 'preact'
import { LabApp } from './app.ts'
import { askStart, LabError } from './ask.ts'
import { followRuns, start, trouble } from './store.ts'

const root = document.querySelector('#page')
if (root !== null) {
  render(html`<${LabApp} />` as ComponentChild, root)
  void begin()
}

async function begin(): Promise<void> {
  try {
    start.value = await askStart()
    await followRuns()
  } catch (error) {
    if (!(error instanceof LabError)) throw error
    trouble.value = error.message
  }
}

import { signal } from '@preact/signals'
import { html } from 'htm/preact'

const copied = signal('')

/** A button that puts a text into the clipboard, and says that it did. */
export function CopyButton({ text }: { text: string }): unknown {
  const done = copied.value === text
  return html`<button type="button" class="copy" onClick=${() => copy(text)}>
    ${done ? 'Copied' : 'Copy'}
  </button>`
}

function copy(text: string): void {
  // A page that was opened as a file may have no clipboard of the new kind.
  const old = (): void => {
    const area = document.createElement('textarea')
    area.value = text
    document.body.append(area)
    area.select()
    document.execCommand('copy')
    area.remove()
  }
  const done = (): void => {
    copied.value = text
  }
  const clipboard = 'clipboard' in navigator ? navigator.clipboard : null
  if (clipboard === null) {
    old()
    done()
    return
  }
  clipboard.writeText(text).catch(old).finally(done)
}

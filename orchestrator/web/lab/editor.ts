import {
  autocompletion,
  closeBrackets,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import { HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language'
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint'
import { EditorState, type Text } from '@codemirror/state'
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from '@codemirror/view'
import { tags } from '@lezer/highlight'
import type { LabFault } from './protocol.ts'
import { type Language, wordsAt } from './words-at.ts'

/** A text that is written in a page. */
export interface Editor {
  text: () => string
  /** Another text in its place; what was done before can be undone still. */
  replace: (text: string) => void
  /** Marks these places, and no others. */
  mark: (faults: readonly LabFault[]) => void
  /** Takes the reader to a place. */
  goTo: (fault: LabFault) => void
}

export interface EditorOptions {
  language: Language
  /** Every change of the text. */
  onChange: () => void
  /** Ctrl-Enter or Cmd-Enter. */
  onRun: () => void
}

/** Colours are of the page's style, which knows light and dark. */
const COLOURS = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--dim)' },
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--good)' },
])

/** Puts an editor of YAML into an element. */
export function createEditor(parent: Element, options: EditorOptions): Editor {
  const { language, onChange, onRun } = options
  const run = (): boolean => {
    onRun()
    return true
  }
  const nonce = document.querySelector('style')?.nonce ?? ''
  const view = new EditorView({
    parent,
    state: EditorState.create({
      extensions: [
        EditorView.cspNonce.of(nonce),
        EditorView.contentAttributes.of({ 'aria-label': 'Scenario' }),
        keymap.of([{ key: 'Mod-Enter', run }]),
        lineNumbers(),
        lintGutter(),
        history(),
        drawSelection(),
        indentOnInput(),
        closeBrackets(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        yaml(),
        syntaxHighlighting(COLOURS),
        autocompletion({ icons: false, override: [(context) => offer(context, language)] }),
        keymap.of([...defaultKeymap, ...historyKeymap]),
        EditorView.lineWrapping,
        EditorView.updateListener.of(({ docChanged }) => {
          if (docChanged) onChange()
        }),
      ],
    }),
  })
  return {
    text: () => view.state.doc.toString(),
    replace(text) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } })
      view.dispatch({ selection: { anchor: 0 }, scrollIntoView: true })
    },
    mark(faults) {
      const marks = faults.map((fault) => diagnosticOf(fault, view.state.doc))
      view.dispatch(setDiagnostics(view.state, marks))
    },
    goTo(fault) {
      const { from } = diagnosticOf(fault, view.state.doc)
      view.dispatch({ selection: { anchor: from }, scrollIntoView: true })
      view.focus()
    },
  }
}

/** From a fault's place to the end of its word; the text may have become shorter since. */
function diagnosticOf({ line, column, message }: LabFault, text: Text): Diagnostic {
  const { from, to } = text.line(Math.min(line, text.lines))
  const start = Math.min(from + column - 1, to)
  const word = /^[^\s,{}[\]]+/.exec(text.sliceString(start, to))?.[0].length ?? 0
  return { from: start, to: Math.min(start + Math.max(word, 1), to), severity: 'error', message }
}

function offer(context: CompletionContext, language: Language): CompletionResult | null {
  const { from, words } = wordsAt(context.state.doc.toString(), context.pos, language)
  const isAsked = context.explicit || context.pos > from
  if (!isAsked || words.length === 0) return null
  return {
    from,
    options: words.map(({ text, about, isKey }, index) => ({
      label: text,
      apply: isKey ? `${text}: ` : text,
      // In their own order, not that of the alphabet.
      boost: Math.max(-99, -index),
      type: isKey ? 'property' : 'constant',
      ...(about !== '' && { info: about }),
    })),
    validFor: /^[\w.-]*$/,
  }
}

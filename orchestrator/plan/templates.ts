import { didYouMean } from '#orchestrator/words/nearest.ts'

/** What a template in a scenario's environment can name of a node. */
export interface TemplateValues {
  public: string
  address: string
  port: string
  'peer-id': string
}

export const TEMPLATE_NAMES = ['public', 'address', 'port', 'peer-id'] as const

const TEMPLATE = /\{([^{}]*)\}/g

/**
 * Replaces `{public}` by the node's own value and `{A.public}` by node A's.
 *
 * @param values - null for a node that stands nowhere, which is a fault of its own: what names it is left as it is
 * @param onFault - given what is wrong with each template that names nothing
 */
export function fillTemplates(
  text: string,
  self: string,
  values: ReadonlyMap<string, TemplateValues | null>,
  onFault: (message: string) => void,
): string {
  return text.replace(TEMPLATE, (whole, inner: string) => {
    const [first = '', second] = inner.split('.')
    const node = second === undefined ? self : first
    const key = second ?? first
    const found = values.get(node)
    if (found === undefined) {
      onFault(`${whole} names no node: nodes are ${[...values.keys()].join(', ')}`)
      return whole
    }
    if (found === null) return whole
    if (!isTemplateName(key)) {
      const known = TEMPLATE_NAMES.map((name) => `{${name}}`).join(', ')
      onFault(`expected one of ${known}, saw ${whole}${didYouMean(key, TEMPLATE_NAMES)}`)
      return whole
    }
    return found[key]
  })
}

function isTemplateName(name: string): name is keyof TemplateValues {
  return (TEMPLATE_NAMES as readonly string[]).includes(name)
}

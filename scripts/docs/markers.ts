const MARKER = /<!-- generated:([a-z-]+) -->\n[\s\S]*?<!-- \/generated:\1 -->/g

/**
 * Puts the text of each section between its marks, `<!-- generated:NAME -->` and `<!-- /generated:NAME -->`.
 *
 * @throws Error where a mark names no section, or is not closed
 */
export function fillSections(
  text: string,
  sections: ReadonlyMap<string, string>,
  path: string,
): string {
  const filled = text.replaceAll(MARKER, (_whole, name: string) => {
    const section = sections.get(name)
    if (section === undefined) {
      throw new Error(
        `${path}: no section is called '${name}'; there are ${[...sections.keys()].join(', ')}`,
      )
    }
    return `<!-- generated:${name} -->\n${section}\n<!-- /generated:${name} -->`
  })
  const opened = text.match(/<!-- generated:[a-z-]+ -->/g)?.length ?? 0
  const closed = text.match(MARKER)?.length ?? 0
  if (opened !== closed) throw new Error(`${path}: a generated section is not closed`)
  return filled
}

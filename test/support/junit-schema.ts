import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { XmlDocument, XsdValidator } from 'libxml2-wasm'

const SCHEMA = join(import.meta.dirname, '../orchestrator/report/junit.xsd')

/** Throws with each fault at its line where a text is no JUnit report, and where a suite's counts are not of its cases. */
export function assertJunit(xml: string): void {
  using schema = XmlDocument.fromBuffer(readFileSync(SCHEMA))
  using validator = XsdValidator.fromDoc(schema)
  using document = XmlDocument.fromString(xml)
  validator.validate(document)
  // A schema of this kind cannot count.
  for (const [path, element] of [
    ['testcase', 'tests'],
    ['testcase[failure]', 'failures'],
    ['testcase[error]', 'errors'],
  ] as const) {
    const wrong = document.find(`//*[@${element} != count(.//${path})]/@name`)
    if (wrong.length > 0)
      throw new RangeError(
        `expected ${element}="" to count its ${path}, saw another number in ${wrong.map(({ content }) => content).join(', ')}`,
      )
  }
}

import type { Report } from './report-schema.ts'

/** A report in JUnit's XML: a suite for the NAT proofs and one for each variant, a case for each expectation. */
export function junitXml(report: Report): string {
  const suites = [
    suite(
      'NAT proof',
      report.natProofs.map(({ router, protocol, preset, holds, differences }) => ({
        name: `${router} is ${preset} for ${protocol}`,
        ms: 0,
        failure: holds ? null : differences.join('; '),
      })),
    ),
    ...report.variants.map(({ name, expectations }) =>
      suite(
        name,
        expectations.map(({ text, holds, expected, seen, afterMs }) => ({
          name: text,
          ms: afterMs,
          failure: holds ? null : `expected ${expected}, saw ${seen}`,
        })),
      ),
    ),
  ]
  const name = attribute(`${report.scenario} on ${report.fabric}`)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${name}" time="${seconds(report.durationMs)}" timestamp="${report.startedAt}">`,
    ...suites.flat(),
    '</testsuites>',
    '',
  ].join('\n')

  function suite(title: string, cases: Case[]): string[] {
    const failures = cases.filter(({ failure }) => failure !== null).length
    const className = attribute(`${report.scenario}.${title}`)
    return [
      `  <testsuite name="${attribute(title)}" tests="${cases.length}" failures="${failures}">`,
      ...cases.flatMap(({ name, ms, failure }) => {
        const head = `    <testcase classname="${className}" name="${attribute(name)}" time="${seconds(ms)}"`
        return failure === null
          ? [`${head}/>`]
          : [`${head}>`, `      <failure message="${attribute(failure)}"/>`, '    </testcase>']
      }),
      '  </testsuite>',
    ]
  }
}

interface Case {
  name: string
  ms: number
  failure: string | null
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3)
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\t': '&#9;',
}

/** XML 1.0 cannot hold most control characters at all: they become a replacement character. */
function attribute(text: string): string {
  return Array.from(
    text,
    (character) => ENTITIES[character] ?? (character < ' ' ? '\uFFFD' : character),
  ).join('')
}

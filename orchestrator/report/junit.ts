import type { Report, VariantReport } from './report-schema.ts'

/** A report in JUnit's XML: a suite for the NAT proofs and one for each variant, a case for each expectation. */
export function junitXml(report: Report): string {
  const suites = [
    suite(
      'NAT proof',
      report.natProofs.map(({ router, protocol, preset, holds, differences }) => ({
        name: `${router} is ${preset} for ${protocol}`,
        ms: 0,
        failure: holds ? null : differences.join('; '),
        properties: { word: 'nat-proof', router, protocol, preset },
      })),
    ),
    ...report.variants.map((variant) => suite(variant.name, casesOf(variant))),
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
      ...cases.flatMap(({ name, ms, failure, properties }) => [
        `    <testcase classname="${className}" name="${attribute(name)}" time="${seconds(ms)}">`,
        ...propertyLines(properties),
        ...(failure === null ? [] : [`      <failure message="${attribute(failure)}"/>`]),
        '    </testcase>',
      ]),
      '  </testsuite>',
    ]
  }
}

interface Case {
  name: string
  ms: number
  failure: string | null
  /** What it is about, by name; null is left out. */
  properties: Readonly<Record<string, string | null>>
}

/** A case for each result. What a scenario expects of several steps has the step in its name: no two are the same. */
function casesOf({ expectations }: VariantReport): Case[] {
  const counts = new Map<string, number>()
  for (const { text } of expectations) counts.set(text, (counts.get(text) ?? 0) + 1)
  const used = new Set<string>()
  return expectations.map((result) => {
    const { step, word, observer, target, key, cause, text, holds, expected, seen } = result
    const inStep = (counts.get(text) ?? 0) > 1 ? `${text} in step ${step}` : text
    let name = inStep
    for (let count = 2; used.has(name); count++) name = `${inStep} (${count})`
    used.add(name)
    return {
      name,
      ms: result.afterMs,
      failure: holds ? null : `expected ${expected}, saw ${seen}`,
      properties: { word, observer, target, key, cause, step: String(step) },
    }
  })
}

function propertyLines(properties: Case['properties']): string[] {
  const lines = Object.entries(properties).flatMap(([name, value]) =>
    value === null ? [] : [`        <property name="${name}" value="${attribute(value)}"/>`],
  )
  return ['      <properties>', ...lines, '      </properties>']
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

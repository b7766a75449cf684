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
    ...(report.failure === undefined ? [] : failureSuite(report.failure)),
  ]
  const name = attribute(`${report.scenario} on ${report.fabric}`)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${name}" time="${seconds(report.durationMs)}" timestamp="${report.startedAt}">`,
    ...suites.flat(),
    '</testsuites>',
    '',
  ].join('\n')

  /** An error, and no failure: nothing was judged. */
  function failureSuite({ name, message, exitCode }: NonNullable<Report['failure']>): string[] {
    return [
      '  <testsuite name="run" tests="1" failures="0" errors="1">',
      `    <testcase classname="${attribute(`${report.scenario}.run`)}" name="comes to a verdict" time="${seconds(report.durationMs)}">`,
      ...propertyLines({ word: 'run', 'exit-status': String(exitCode) }),
      `      <error type="${attribute(name)}" message="${attribute(message)}"/>`,
      '    </testcase>',
      '  </testsuite>',
    ]
  }

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

/**
 * A case for each result, and for each step without one (`restart A`). Where two have one sentence the step is in the name:
 * no two names are the same.
 */
function casesOf({ steps, expectations }: VariantReport): Case[] {
  const cases = steps.flatMap((step, index) => {
    const number = index + 1
    const results = expectations.filter((result) => result.step === number)
    return results.length > 0
      ? results.map(resultCase)
      : [stepCase(step, number, steps[index + 1]?.atMs ?? step.atMs)]
  })
  const counts = new Map<string, number>()
  for (const { name } of cases) counts.set(name, (counts.get(name) ?? 0) + 1)
  const used = new Set<string>()
  return cases.map((each) => {
    const isOne = counts.get(each.name) === 1
    const inStep = isOne ? each.name : `${each.name} in step ${each.properties['step']}`
    let name = inStep
    for (let count = 2; used.has(name); count++) name = `${inStep} (${count})`
    used.add(name)
    return { ...each, name }
  })
}

function resultCase(result: VariantReport['expectations'][number]): Case {
  const { step, word, observer, target, key, cause, text, holds, expected, seen } = result
  return {
    name: text,
    ms: result.afterMs,
    failure: holds ? null : `expected ${expected}, saw ${seen}`,
    properties: { word, observer, target, key, cause, step: String(step) },
  }
}

function stepCase(
  { word, text, node, key, atMs }: VariantReport['steps'][number],
  number: number,
  endMs: number,
): Case {
  const properties = { word, observer: node, key, step: String(number) }
  return { name: text, ms: endMs - atMs, failure: null, properties }
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

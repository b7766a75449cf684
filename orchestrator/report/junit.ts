import { visible } from '#node/base/visible.ts'
import { causeLines } from '#node/view/cause.ts'
import { createStyle } from '#node/view/style.ts'
import type { Report, VariantReport } from './report-schema.ts'

/** A report in JUnit's XML: a suite for the NAT proofs and one for each variant, a case for each expectation. */
export function junitXml(report: Report): string {
  const proofs = report.natProofs.map(({ router, protocol, preset, holds, differences }) => ({
    name: `${router} is ${preset} for ${protocol}`,
    ms: 0,
    failure: holds ? null : { message: differences.join('; '), why: '' },
    properties: { word: 'nat-proof', router, protocol, preset },
  }))
  const variants = report.variants.map((variant) => ({
    name: variant.name,
    cases: casesOf(variant),
  }))
  const errors = report.failure === undefined ? 0 : 1
  const all = { cases: [...proofs, ...variants.flatMap(({ cases }) => cases)], errors }
  const { fabric, seed, versions } = report
  const made = { fabric, seed: String(seed), ...versions, engine: versions.engine ?? null }
  const suites = [
    suite('NAT proof', proofs),
    ...variants.map(({ name, cases }) => suite(name, cases)),
    ...(report.failure === undefined ? [] : failureSuite(report.failure)),
  ]
  const name = attribute(`${report.scenario} on ${report.fabric}`)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${name}" ${countsOf(all)} time="${seconds(report.durationMs)}" timestamp="${report.startedAt}">`,
    ...suites.flat(),
    '</testsuites>',
    '',
  ].join('\n')

  /** An error, and no failure: nothing was judged. */
  function failureSuite({ name, message, exitCode }: NonNullable<Report['failure']>): string[] {
    return [
      `  <testsuite name="run" tests="1" failures="0" errors="1" time="${seconds(report.durationMs)}">`,
      ...propertyLines(made, '    '),
      `    <testcase classname="${attribute(`${report.scenario}.run`)}" name="comes to a verdict" time="${seconds(report.durationMs)}">`,
      ...propertyLines({ word: 'run', 'exit-status': String(exitCode) }),
      `      <error type="${attribute(name)}" message="${attribute(message)}"/>`,
      '    </testcase>',
      '  </testsuite>',
    ]
  }

  function suite(title: string, cases: Case[]): string[] {
    const ms = cases.reduce((sum, each) => sum + each.ms, 0)
    const className = attribute(`${report.scenario}.${title}`)
    return [
      `  <testsuite name="${attribute(title)}" ${countsOf({ cases, errors: 0 })} time="${seconds(ms)}">`,
      ...propertyLines(made, '    '),
      ...cases.flatMap(({ name, ms, failure, properties }) => [
        `    <testcase classname="${className}" name="${attribute(name)}" time="${seconds(ms)}">`,
        ...propertyLines(properties),
        ...(failure === null ? [] : failureLines(failure)),
        '    </testcase>',
      ]),
      '  </testsuite>',
    ]
  }
}

interface Case {
  name: string
  ms: number
  failure: Failure | null
  /** What it is about, by name; null is left out. */
  properties: Readonly<Record<string, string | null>>
}

interface Failure {
  /** What was expected, and what was seen. */
  message: string
  /** Why, by what evidence, and what fixes it; empty where nobody knows. */
  why: string
}

function failureLines({ message, why }: Failure): string[] {
  const start = `      <failure message="${attribute(message)}"`
  return [why === '' ? `${start}/>` : `${start}>${element(why)}</failure>`]
}

function countsOf({ cases, errors }: { cases: readonly Case[]; errors: number }): string {
  const failures = cases.filter(({ failure }) => failure !== null).length
  return `tests="${cases.length + errors}" failures="${failures}" errors="${errors}"`
}

/**
 * A case for each result, and for each step without one (`restart A`). Where two have one sentence the step is in the name:
 * no two names are the same.
 */
function casesOf({ steps, expectations, cells }: VariantReport): Case[] {
  const cases = steps.flatMap((step, index) => {
    const number = index + 1
    const results = expectations.filter((result) => result.step === number)
    return results.length > 0
      ? results.map((result) => resultCase(result, cells))
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

/** Characters in a line of what a person reads of a failure. */
const WIDTH = 100

function resultCase(
  result: VariantReport['expectations'][number],
  cells: VariantReport['cells'],
): Case {
  const { step, word, observer, target, key, cause, text, holds, expected, seen } = result
  const why = (): string => {
    const cell = cells.find((each) => each.observer === observer && each.target === target)
    return cell === undefined ? '' : causeLines(cell, WIDTH, createStyle(false)).join('\n')
  }
  return {
    name: text,
    ms: result.afterMs,
    failure: holds ? null : { message: `expected ${expected}, saw ${seen}`, why: why() },
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

function propertyLines(properties: Case['properties'], indent = '      '): string[] {
  const lines = Object.entries(properties).flatMap(([name, value]) =>
    value === null ? [] : [`${indent}  <property name="${name}" value="${attribute(value)}"/>`],
  )
  return [`${indent}<properties>`, ...lines, `${indent}</properties>`]
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

/** What no XML 1.0 document can hold beside control characters: halves of pairs, and two that are no characters. */
const NO_XML = /[\ufffe\uffff]|\p{Surrogate}/u

/** XML 1.0 cannot hold most control characters at all: they are written out, as on a terminal. */
function attribute(text: string): string {
  return Array.from(
    text,
    (character) => ENTITIES[character] ?? (NO_XML.test(character) ? '\uFFFD' : visible(character)),
  ).join('')
}

/** The same between tags, where lines stay lines. */
function element(text: string): string {
  return text.split('\n').map(attribute).join('\n')
}

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import addFormats from 'ajv-formats'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Report } from '#orchestrator/report/report-schema.ts'
import schema from '../../orchestrator/report/report.schema.json' with { type: 'json' }

const ajv = new Ajv2020({ allErrors: true, strict: true })
addFormats.default(ajv)
const validate = ajv.compile(schema)

/** What the checked-in JSON schema says against a report; empty where it keeps to it. */
export function schemaFaults(report: unknown): string {
  // As it is written: without what is undefined.
  return validate(JSON.parse(JSON.stringify(report))) ? '' : ajv.errorsText(validate.errors)
}

/** The report in a file, held against the schema. */
export async function readReport(path: string): Promise<Report> {
  const report: unknown = JSON.parse(await readFile(path, 'utf8'))
  assert.equal(schemaFaults(report), '')
  return report as Report
}

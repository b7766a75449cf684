import { openApiDocument } from '#node/api/http/openapi.ts'
import { diagnosisJsonSchema } from '#node/doctor/diagnosis-schema.ts'
import { ownSideJsonSchema } from '#node/doctor/own-side-schema.ts'
import { reportJsonSchema } from '#orchestrator/report/report-schema.ts'
import { scenarioJsonSchema } from '#orchestrator/scenario/json-schema.ts'
import { lintConfig } from '../rooms/lint-config.ts'
import { composeFiles } from './compose.ts'

/** Generated files by their path: what is in them is made from the code, and nothing is written by hand. */
export const GENERATED_FILES: Readonly<Record<string, string>> = {
  ...composeFiles(),
  '.oxlintrc.json': json(lintConfig()),
  'orchestrator/scenario/scenario.schema.json': json(scenarioJsonSchema()),
  'docs/reference/openapi.json': json(openApiDocument()),
  'docs/reference/doctor.schema.json': json(diagnosisJsonSchema()),
  'docs/reference/doctor-self.schema.json': json(ownSideJsonSchema()),
  'orchestrator/report/report.schema.json': json(reportJsonSchema()),
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

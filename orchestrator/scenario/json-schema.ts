import { z } from 'zod'
import { scenarioSchema } from './schema.ts'

/** The JSON schema of scenario files, for editors; checked in beside this file as `scenario.schema.json`. */
export function scenarioJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(scenarioSchema, { io: 'input' }), title: 'kadlab scenario' }
}

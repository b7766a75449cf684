import { z } from 'zod'
import { scenarioSchema } from './schema.ts'

interface MapSchema {
  additionalProperties: object
}

/** What a scenario must say that extends none. */
const ALONE = {
  required: ['sites', 'nodes'],
  properties: {
    sites: { additionalProperties: { required: ['nat'] } },
    nodes: { additionalProperties: { required: ['site'] } },
  },
}

/** The words of a scenario that stands alone, as a JSON schema. */
export function wholeJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(scenarioSchema, { io: 'input' })
}

/** The JSON schema of scenario files, for editors; checked in beside this file as `scenario.schema.json`. */
export function scenarioJsonSchema(): Record<string, unknown> {
  const { properties, ...whole } = wholeJsonSchema()
  const words = properties as Record<string, MapSchema>
  return {
    ...whole,
    properties: {
      ...words,
      sites: changeable(words['sites']),
      nodes: changeable(words['nodes']),
      variants: changeable(words['variants']),
    },
    required: ['name', 'title'],
    if: { required: ['extends'] },
    else: ALONE,
    title: 'kadlab scenario',
  }
}

/** A map of which some may be taken away, and of the others only what changes be said. */
function changeable(map: MapSchema | undefined): object {
  const { required: _required, ...each } = (map?.additionalProperties ?? {}) as {
    required?: string[]
  }
  return { ...map, additionalProperties: { anyOf: [each, { type: 'null' }] } }
}

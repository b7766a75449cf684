import type { RouteConfig } from '@hono/zod-openapi'
import { z } from 'zod'
import {
  DialOutcomeSchema,
  KeyChangeSchema,
  KeyPageSchema,
  NodeStatusSchema,
  PeerViewSchema,
  ProvideOutcomeSchema,
  PutOutcomeSchema,
  SightingSchema,
} from '../schema.ts'
import { PROBLEM_MEDIA_TYPE, ProblemSchema } from './problem.ts'
import { ROUTES } from './routes.ts'

type Json = Record<string, unknown>

/** What a route says of one of its answers. */
interface Answer {
  description: string
  headers?: z.ZodType
  content?: object
}

/** Schemas that have a name of their own in the document. */
const COMPONENTS = {
  NodeStatus: NodeStatusSchema,
  PeerView: PeerViewSchema,
  Sighting: SightingSchema,
  PutOutcome: PutOutcomeSchema,
  KeyPage: KeyPageSchema,
  KeyChange: KeyChangeSchema,
  ProvideOutcome: ProvideOutcomeSchema,
  DialOutcome: DialOutcomeSchema,
  Problem: ProblemSchema,
} satisfies Record<string, z.ZodType>

const NAMES = new Map<unknown, string>(
  Object.entries(COMPONENTS).map(([name, schema]) => [schema, name]),
)

/** Where the parameters of each part of a request stand. */
const PLACES = { params: 'path', query: 'query', headers: 'header' } as const

/**
 * The HTTP face as an OpenAPI 3.1 document. Its schemas are zod's own JSON Schema: what hono's library makes of them calls
 * every field required that may be left out but not be undefined.
 */
export function openApiDocument(): Json {
  const paths: Record<string, Json> = {}
  for (const [operationId, route] of Object.entries<RouteConfig>(ROUTES)) {
    const { path, method } = route
    paths[path] = { ...paths[path], [method]: { operationId, ...operation(route) } }
  }
  const schemas = Object.entries(COMPONENTS).map(([name, schema]) => [name, definition(schema)])
  return {
    openapi: '3.1.0',
    info: { title: 'kadlab node', version: '1', description: 'The API of one node.' },
    paths,
    // The one or the other: nothing, where the node has no API_TOKEN.
    security: [{ token: [] }, {}],
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'API_TOKEN' } },
      schemas: Object.fromEntries(schemas) as Json,
    },
  }
}

function operation({ summary, request = {}, responses }: RouteConfig): Json {
  const parameters = Object.entries(PLACES).flatMap(([part, place]) => {
    const fields = request[part as keyof typeof PLACES]
    return fields instanceof z.ZodType ? parametersIn(place, fields) : []
  })
  const { body } = request
  const answers = Object.entries(responses).map(([status, response]) => {
    const { description, headers, content } = response as Answer
    return [
      status,
      {
        description,
        ...(headers === undefined ? {} : { headers: headersIn(headers) }),
        ...(content === undefined ? {} : bodies(content)),
      },
    ]
  })
  return {
    summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: true, ...bodies(body.content) } }),
    responses: {
      ...(Object.fromEntries(answers) as Json),
      default: {
        description: 'another problem',
        ...bodies({ [PROBLEM_MEDIA_TYPE]: { schema: ProblemSchema } }),
      },
    },
  }
}

function parametersIn(place: string, fields: z.ZodType): Json[] {
  const { properties = {}, required = [] } = definition(fields)
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...schema } = property as Json
    return { name, in: place, required: required.includes(name), description, schema }
  })
}

function headersIn(fields: z.ZodType): Json {
  const headers = parametersIn('header', fields).map(({ name, description, schema }) => [
    name,
    { description, schema },
  ])
  return Object.fromEntries(headers) as Json
}

/** The media types of a body, each with its schema. */
function bodies(content: object): Json {
  const described = Object.entries(content).map(([type, { schema }]) => [
    type,
    schema instanceof z.ZodType ? { schema: reference(schema) } : {},
  ])
  return { content: Object.fromEntries(described) as Json }
}

function reference(schema: z.ZodType): Json {
  const name = NAMES.get(schema)
  return name === undefined ? definition(schema) : { $ref: `#/components/schemas/${name}` }
}

/** As a client must be ready for it: more than what is named here may come beside it. */
function definition(schema: z.ZodType): z.core.JSONSchema.BaseSchema {
  const { $schema: _, ...written } = z.toJSONSchema(schema, { io: 'input', override: referTo })
  return written
}

/** Puts the name of a schema that has one in its place, but where it is the one that is written out. */
function referTo(written: {
  zodSchema: z.core.$ZodType
  jsonSchema: z.core.JSONSchema.BaseSchema
  path: (string | number)[]
}): void {
  const name = NAMES.get(written.zodSchema)
  if (written.path.length === 0 || name === undefined) return
  for (const key of Object.keys(written.jsonSchema)) delete written.jsonSchema[key]
  written.jsonSchema.$ref = `#/components/schemas/${name}`
}

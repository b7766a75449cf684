import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { createHttpApp } from '#node/api/http/app.ts'
import { openApiDocument } from '#node/api/http/openapi.ts'
import { ROUTES } from '#node/api/http/routes.ts'
import { createFakeApi, FAKE_STATUS } from '#test/node/api/fake-api.ts'

interface Parameter {
  name: string
  in: string
  required: boolean
}

interface Operation {
  operationId: string
  parameters?: Parameter[]
  responses: Record<string, { content: Record<string, { schema?: object }> }>
}

interface OpenApi {
  openapi: string
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, object> }
}

/** As it is written to a file. */
const document = JSON.parse(JSON.stringify(openApiDocument())) as OpenApi
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
)

/** Whether a body is what the document says of an operation and a status. */
function assertAsDescribed(id: string, status: string, type: string, body: unknown): void {
  const operation = operations.find(({ operationId }) => operationId === id)
  const schema = operation?.responses[status]?.content[type]?.schema
  assert.ok(schema, `${id} ${status}`)
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  ajv.addSchema({ $id: 'api', ...document })
  const whole = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/')) as object
  const validate = ajv.compile(whole)
  assert.ok(validate(body), `${id}: ${ajv.errorsText(validate.errors)}`)
}

describe('the OpenAPI document', () => {
  it('has every route, and is what a node serves', async () => {
    assert.deepEqual(
      operations.map(({ operationId }) => operationId).toSorted(),
      Object.keys(ROUTES).toSorted(),
    )
    const served = await createHttpApp(createFakeApi(), { metrics: null }).request('/openapi.json')
    assert.deepEqual(await served.json(), document)
    assert.match(document.openapi, /^3\.1\./)
  })

  it('requires of a caller the key in a path, and nothing else', () => {
    const parameters = operations.flatMap((operation) => operation.parameters ?? [])
    for (const parameter of parameters) {
      assert.equal(parameter.required, parameter.in === 'path', parameter.name)
    }
    const optional = new Set(parameters.filter(({ required }) => !required).map(({ name }) => name))
    assert.deepEqual(
      [...optional].toSorted(),
      [
        'after',
        'agree',
        'again',
        'dialBack',
        'if-match',
        'if-none-match',
        'last-event-id',
        'limit',
        'replicas',
        'target',
        'ttlMs',
      ].toSorted(),
    )
  })

  it('names what it refers to, and every path its parameters', () => {
    const references = JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)
    const named = new Set([...references].map(([, name]) => name ?? ''))
    assert.deepEqual([...named].toSorted(), Object.keys(document.components.schemas).toSorted())
    for (const { path, parameters = [] } of operations) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      const told = parameters.filter((each) => each.in === 'path').map(({ name }) => name)
      assert.deepEqual(told, inPath, path)
    }
  })

  it('describes what a node answers, with less or with more in it', async () => {
    const api = createFakeApi()
    assertAsDescribed('status', '200', 'application/json', { ...FAKE_STATUS, later: 'a new field' })
    const sightings = await api.discovery({ targets: ['p'] })
    assertAsDescribed('discovery', '200', 'application/json', sightings)
    assert.throws(() => assertAsDescribed('status', '200', 'application/json', { peerId: 'p' }))
  })

  it('says of every operation that it may end with a problem', async () => {
    const app = createHttpApp(createFakeApi(), { metrics: null })
    const answer = await app.request('/v1/keys/nothing')
    const problem: unknown = await answer.json()
    for (const { operationId } of operations) {
      assertAsDescribed(operationId, 'default', 'application/problem+json', problem)
    }
    assertAsDescribed('get', '404', 'application/problem+json', problem)
  })
})

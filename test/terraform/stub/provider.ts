import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  loadPackageDefinition,
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceClientConstructor,
} from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { planCreation, replacedBy, settle } from './planning.ts'
import { type Block, type ProviderSchema, providerSchemaMessage, type Schema } from './schema.ts'
import { type DynamicValue, fromDynamic, isUnknown, toDynamic, type Values } from './values.ts'

/** What a stub provider does beyond its schema. Every part may be left out. */
export interface Behaviour {
  /** Faults that the real provider finds in a configuration and a schema cannot express. */
  validate?: (type: string, config: Values) => string[]
  /** Attributes and blocks whose change replaces the resource, by resource type. */
  forceNew?: Readonly<Record<string, readonly string[]>>
  /** Fills in what becomes known. */
  create?: (type: string, planned: Values) => Promise<Values> | Values
  update?: (type: string, planned: Values, prior: Values) => Promise<Values> | Values
  destroy?: (type: string, prior: Values) => Promise<void> | void
  readData?: (type: string, config: Values) => Promise<Values> | Values
}

/** A provider that Terraform attaches to, living in this process. */
export interface StubProvider extends AsyncDisposable {
  /** Its part of `TF_REATTACH_PROVIDERS`. */
  readonly reattach: object
  stop(): Promise<void>
}

interface Request {
  type_name: string
  config?: DynamicValue
  prior_state?: DynamicValue
  proposed_new_state?: DynamicValue
  planned_state?: DynamicValue
  current_state?: DynamicValue
  raw_state?: { json: Uint8Array }
  prior_private?: Uint8Array
  planned_private?: Uint8Array
  private?: Uint8Array
}

type Handler = (request: Request) => Promise<object> | object

function diagnostics(summaries: readonly string[]): { diagnostics: object[] } {
  return { diagnostics: summaries.map((summary) => ({ severity: 1, summary, detail: '' })) }
}

/**
 * Serves Terraform's plugin protocol 6 from a schema and a behaviour, on a unix socket.
 *
 * Terraform starts no process for it: it attaches by the environment variable TF_REATTACH_PROVIDERS, which also means
 * no lock file and no check of versions.
 */
export async function startStubProvider(
  schema: ProviderSchema,
  behaviour: Behaviour,
): Promise<StubProvider> {
  const folder = await mkdtemp(join(tmpdir(), 'kadlab-stub-'))
  const socket = join(folder, 'socket')
  const server = new Server({
    'grpc.max_receive_message_length': 64 << 20,
    'grpc.max_send_message_length': 64 << 20,
  })
  const definition = loadSync(join(import.meta.dirname, 'tfplugin6.proto'), {
    keepCase: true,
    longs: Number,
    defaults: true,
    oneofs: true,
  })
  const { Provider } = loadPackageDefinition(definition)['tfplugin6'] as unknown as {
    Provider: ServiceClientConstructor
  }
  const handlers = createHandlers(schema, behaviour)
  server.addService(
    Provider.service,
    Object.fromEntries(Object.entries(handlers).map(([name, handler]) => [name, unary(handler)])),
  )
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), (error) =>
      error === null ? resolve() : reject(error),
    )
  })
  const stop = async (): Promise<void> => {
    server.forceShutdown()
    await rm(folder, { recursive: true, force: true })
  }
  return {
    reattach: {
      Protocol: 'grpc',
      ProtocolVersion: 6,
      Pid: process.pid,
      Test: true,
      Addr: { Network: 'unix', String: socket },
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

function unary(handler: Handler) {
  return (call: ServerUnaryCall<Request, object>, answer: sendUnaryData<object>): void => {
    Promise.try(handler, call.request).then(
      (value) => answer(null, value),
      (error: unknown) => {
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
        answer(null, diagnostics([`stub: ${text}`]))
      },
    )
  }
}

function blockOf(schemas: Record<string, Schema>, type: string): Block {
  const found = schemas[type]
  if (found === undefined) throw new Error(`the schema has no ${type}`)
  return found.block
}

function createHandlers(schema: ProviderSchema, behaviour: Behaviour): Record<string, Handler> {
  const validate: Handler = ({ type_name, config }) => {
    const values = fromDynamic(config)
    return diagnostics(values === null ? [] : (behaviour.validate?.(type_name, values) ?? []))
  }

  const plan: Handler = (request) => {
    const proposed = fromDynamic(request.proposed_new_state)
    if (proposed === null) return { planned_state: toDynamic(null) }
    const prior = fromDynamic(request.prior_state)
    const config = fromDynamic(request.config)
    const block = blockOf(schema.resource_schemas, request.type_name)
    const forceNew = behaviour.forceNew?.[request.type_name] ?? []
    const replaced = prior === null ? [] : replacedBy(forceNew, prior, proposed)
    const isNew = prior === null || replaced.length > 0
    return {
      planned_state: toDynamic(isNew ? planCreation(block, proposed, config) : proposed),
      requires_replace: replaced.map((name) => ({ steps: [{ attribute_name: name }] })),
      planned_private: request.prior_private,
      legacy_type_system: true,
    }
  }

  const apply: Handler = async (request) => {
    const planned = fromDynamic(request.planned_state)
    const prior = fromDynamic(request.prior_state)
    const type = request.type_name
    if (planned === null) {
      if (prior !== null) await behaviour.destroy?.(type, prior)
      return { new_state: toDynamic(null) }
    }
    const values =
      prior === null
        ? await (behaviour.create?.(type, planned) ?? planned)
        : await (behaviour.update?.(type, planned, prior) ?? planned)
    if (isUnknown(values['id'])) throw new Error(`the stub gave ${type} no id`)
    return {
      new_state: toDynamic(settle(blockOf(schema.resource_schemas, type), values)),
      private: request.planned_private,
      legacy_type_system: true,
    }
  }

  const readData: Handler = async ({ type_name, config }) => {
    const block = blockOf(schema.data_source_schemas, type_name)
    const planned = planCreation(block, fromDynamic(config) ?? {}, fromDynamic(config))
    const values = await (behaviour.readData?.(type_name, planned) ?? planned)
    return { state: toDynamic(settle(block, values)) }
  }

  return {
    GetProviderSchema: () => providerSchemaMessage(schema),
    ValidateProviderConfig: () => ({}),
    ValidateResourceConfig: validate,
    ValidateDataResourceConfig: validate,
    ConfigureProvider: () => ({}),
    UpgradeResourceState: ({ raw_state }) => ({
      upgraded_state: toDynamic(JSON.parse(Buffer.from(raw_state?.json ?? []).toString())),
    }),
    ReadResource: (request) => ({ new_state: request.current_state, private: request.private }),
    PlanResourceChange: plan,
    ApplyResourceChange: apply,
    ReadDataSource: readData,
    StopProvider: () => ({}),
  }
}

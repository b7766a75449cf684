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
import { AzureRefusal } from './refusal.ts'
import { type Block, type ProviderSchema, providerSchemaMessage, type Schema } from './schema.ts'
import { type DynamicValue, fromDynamic, isUnknown, toDynamic, type Values } from './values.ts'

/** What a stub provider does beyond its schema. Every part may be left out. */
export interface Behaviour {
  /** Faults that the real provider finds in a configuration and a schema cannot express. */
  validate?: (type: string, config: Values) => string[]
  /** Attributes and blocks whose change replaces the resource, by resource type. */
  forceNew?: Readonly<Record<string, readonly string[]>>
  /** Takes the provider's own configuration. */
  configure?: (config: Values) => void
  /** What there is now of a resource in the state; null where it is gone. */
  read?: (type: string, current: Values) => Values | null
  /** Fills in what becomes known. */
  create?: (type: string, planned: Values) => Promise<Values> | Values
  update?: (type: string, planned: Values, prior: Values) => Promise<Values> | Values
  /** Hears of a resource as it is after it was created or updated. */
  stored?: (type: string, values: Values) => void
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
        answer(null, diagnostics([complaintOf(error)]))
      },
    )
  }
}

// A refusal is part of the play and says enough; anything else is a fault of the stub.
function complaintOf(error: unknown): string {
  if (error instanceof AzureRefusal) return error.message
  return `stub: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
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
    try {
      const values = planned === null ? null : await settled(type, planned, prior)
      if (values === null && prior !== null) await behaviour.destroy?.(type, prior)
      if (values !== null) behaviour.stored?.(type, values)
      return {
        new_state: toDynamic(values),
        private: request.planned_private,
        legacy_type_system: true,
      }
    } catch (error) {
      // What could not be changed is still there, and stays in the state.
      return { new_state: toDynamic(prior), ...diagnostics([complaintOf(error)]) }
    }
  }

  async function settled(type: string, planned: Values, prior: Values | null): Promise<Values> {
    const values =
      prior === null
        ? await (behaviour.create?.(type, planned) ?? planned)
        : await (behaviour.update?.(type, planned, prior) ?? planned)
    if (isUnknown(values['id'])) throw new Error(`the stub gave ${type} no id`)
    return settle(blockOf(schema.resource_schemas, type), values)
  }

  // A state of another version may lack attributes that there are now.
  const upgrade: Handler = ({ raw_state, type_name }) => {
    const stored = JSON.parse(Buffer.from(raw_state?.json ?? []).toString()) as Values
    return {
      upgraded_state: toDynamic(settle(blockOf(schema.resource_schemas, type_name), stored)),
    }
  }

  const read: Handler = (request) => {
    const current = fromDynamic(request.current_state)
    const values = current === null ? null : (behaviour.read?.(request.type_name, current) ?? null)
    const new_state = behaviour.read === undefined ? request.current_state : toDynamic(values)
    return { new_state, private: request.private }
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
    ConfigureProvider: ({ config }) => {
      behaviour.configure?.(fromDynamic(config) ?? {})
      return {}
    },
    UpgradeResourceState: upgrade,
    ReadResource: read,
    PlanResourceChange: plan,
    ApplyResourceChange: apply,
    ReadDataSource: readData,
    StopProvider: () => ({}),
  }
}

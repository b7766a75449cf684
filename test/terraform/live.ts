import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AzureOptions } from './stub/azurerm.ts'
import { Ledger } from './stub/ledger.ts'
import { openWorkspace, type Workspace } from './terraform.ts'

export type Variables = Readonly<Record<string, unknown>>

/**
 * What becomes of a node. `updated`: another release travels in its VM's user data, and the VM takes it in turn.
 * `changed`: something else of its VM, and nothing restarts. `restarted`: its VM is stopped and started.
 */
export type Fate =
  | 'untouched'
  | 'changed'
  | 'updated'
  | 'restarted'
  | 'replaced'
  | 'stopped'
  | 'new'
  | 'gone'

/** A node as its users see it. */
export interface NodeView {
  name: string
  region: string
  zone: string | null
  publicIp: string
  peerId: string | null
  /** What it shall run: program and settings. */
  release: string
}

/** What a plan does to resources, each list sorted. */
export interface Planned {
  created: string[]
  changed: string[]
  replaced: string[]
  destroyed: string[]
}

/** What became of a change that was applied, and planned again. */
export interface Outcome {
  /** Why the plan was refused; null where it was not. */
  refused: string | null
  planned: Planned
  /** What went wrong in the apply; null where nothing did. */
  failed: string | null
  /** What a second plan would do; all empty where the apply did everything. */
  again: Planned
  fates: Record<string, Fate>
  /** What becomes of the monitoring VM; null where there is none. */
  monitoring: Fate | null
  before: NodeView[]
  after: NodeView[]
  /** VMs that do not run afterwards. */
  stopped: string[]
  warnings: string[]
}

interface Message {
  type?: string
  change?: { resource: { addr: string }; action: string }
  hook?: { action?: string }
  diagnostic?: { severity: string; summary: string; detail: string }
}

interface Run {
  code: number
  /** Whether an apply got as far as to touch something. */
  begun: boolean
  planned: Planned
  errors: string[]
  warnings: string[]
}

const NOTHING: Planned = { created: [], changed: [], replaced: [], destroyed: [] }

function messagesOf(stdout: string): Message[] {
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Message)
}

function plannedBy(messages: readonly Message[]): Planned {
  const doing = (action: string): string[] =>
    messages
      .flatMap(({ type, change }) =>
        type === 'planned_change' && change?.action === action ? [change.resource.addr] : [],
      )
      .toSorted()
  return {
    created: doing('create'),
    changed: doing('update'),
    replaced: doing('replace'),
    destroyed: doing('delete'),
  }
}

function said(messages: readonly Message[], severity: string): string[] {
  return messages.flatMap(({ diagnostic }) =>
    diagnostic?.severity === severity
      ? [[diagnostic.summary, diagnostic.detail].filter((part) => part !== '').join(': ')]
      : [],
  )
}

export const isEmpty = (planned: Planned): boolean =>
  Object.values(planned).every((list: string[]) => list.length === 0)

/**
 * A deployment that lives in the stub's Azure. Changes are tried one after the other, each from where it was saved.
 */
export class LiveCluster implements AsyncDisposable {
  readonly ledger: Ledger
  readonly workspace: Workspace
  #saved: (() => Promise<void>) | null = null

  private constructor(workspace: Workspace, ledger: Ledger) {
    this.workspace = workspace
    this.ledger = ledger
  }

  /** Opens a workspace with nothing deployed in it. */
  static async open(options: Omit<AzureOptions, 'workingDirectory'> = {}): Promise<LiveCluster> {
    const ledger = options.ledger ?? new Ledger()
    return new LiveCluster(await openWorkspace({ ...options, ledger }), ledger)
  }

  get statePath(): string {
    return join(this.workspace.root, 'terraform/terraform.tfstate')
  }

  /** Applies; rejects where that fails. */
  async apply(variables: Variables, ...args: string[]): Promise<void> {
    const { code, errors } = await this.run('apply', variables, '-auto-approve', ...args)
    if (code !== 0) throw new Error(errors.join('\n'))
  }

  /** Remembers how everything is now: `restore` comes back to it. */
  async save(): Promise<void> {
    const restore = this.ledger.snapshot()
    const copy = join(this.workspace.root, 'saved.tfstate')
    await copyFile(this.statePath, copy)
    this.#saved = async () => {
      restore()
      await copyFile(copy, this.statePath)
    }
  }

  async restore(): Promise<void> {
    await this.#saved?.()
  }

  /** Applies another set of variables, and plans once more. */
  async change(variables: Variables, ...args: string[]): Promise<Outcome> {
    const before = await this.nodes()
    const disks = this.#disks()
    const applied = await this.run('apply', variables, '-auto-approve', ...args)
    const { planned, errors } = applied
    // What fails before anything was begun is a plan that was refused.
    if (applied.code !== 0 && !applied.begun) {
      const nothing = { failed: null, again: NOTHING, fates: {}, monitoring: null, stopped: [] }
      const refused = errors.join('\n')
      return { ...nothing, refused, planned, before, after: before, warnings: applied.warnings }
    }
    const again = await this.run('plan', variables)
    const after = await this.nodes()
    return {
      refused: null,
      planned,
      failed: applied.code === 0 ? null : errors.join('\n'),
      again: again.planned,
      ...this.#fates(planned, before, after, disks),
      before,
      after,
      stopped: this.stopped(),
      warnings: [...applied.warnings, ...again.warnings],
    }
  }

  /** Runs terraform with these variables and reads what it says. */
  async run(command: string, variables: Variables, ...args: string[]): Promise<Run> {
    const file = join(this.workspace.root, 'variables.tfvars.json')
    await writeFile(file, JSON.stringify(variables))
    const outcome = await this.workspace.terraform([command, '-json', `-var-file=${file}`, ...args])
    const messages = messagesOf(outcome.stdout)
    const errors = said(messages, 'error')
    return {
      code: outcome.code,
      // A data source that is read begins too, in the plan already.
      begun: messages.some(({ type, hook }) => type === 'apply_start' && hook?.action !== 'read'),
      planned: plannedBy(messages),
      errors: errors.length > 0 || outcome.code === 0 ? errors : [outcome.text],
      warnings: said(messages, 'warning'),
    }
  }

  /** The nodes that the output `hosts` names. */
  async nodes(): Promise<NodeView[]> {
    const state = JSON.parse(await readFile(this.statePath, 'utf8')) as {
      outputs: { hosts?: { value: { hosts: NodeView[] } } }
    }
    return (state.outputs.hosts?.value.hosts ?? []).map(
      ({ name, region, zone, publicIp, peerId, release }) => ({
        name,
        region,
        zone,
        publicIp,
        peerId,
        release,
      }),
    )
  }

  /** VMs that are not running. */
  stopped(): string[] {
    return this.ledger
      .all('azurerm_linux_virtual_machine')
      .filter(({ hardware }) => hardware?.running !== true)
      .map(({ values }) => String(values['name']))
      .toSorted()
  }

  #disks(): Map<string, { disk: number; restarts: number }> {
    return new Map(
      this.ledger
        .all('azurerm_linux_virtual_machine')
        .map(({ values, hardware }) => [
          String(values['name']),
          { disk: hardware?.disk ?? 0, restarts: hardware?.restarts ?? 0 },
        ]),
    )
  }

  #fates(
    planned: Planned,
    before: readonly NodeView[],
    after: readonly NodeView[],
    disks: ReadonlyMap<string, { disk: number; restarts: number }>,
  ): { fates: Record<string, Fate>; monitoring: Fate | null } {
    const now = this.#disks()
    const stopped = this.stopped()
    const changed = planned.changed.filter((address) => address.includes('linux_virtual_machine'))
    const releaseOf = (nodes: readonly NodeView[], name: string): string | undefined =>
      nodes.find((node) => node.name === name)?.release
    const fateOf = (name: string): Fate => {
      const [old, current] = [disks.get(name), now.get(name)]
      if (old === undefined) return 'new'
      if (current === undefined) return 'gone'
      if (stopped.includes(name)) return 'stopped'
      if (old.disk !== current.disk) return 'replaced'
      if (old.restarts !== current.restarts) return 'restarted'
      if (releaseOf(before, name) !== releaseOf(after, name)) return 'updated'
      const key = name.endsWith('-monitoring') ? 'monitoring' : name
      return changed.some((address) => address.includes(`["${key}"]`)) ? 'changed' : 'untouched'
    }
    const names = [...new Set([...before, ...after].map(({ name }) => name))]
    const monitoring = [...now.keys(), ...disks.keys()].find((name) => name.endsWith('-monitoring'))
    return {
      fates: Object.fromEntries(names.map((name) => [name, fateOf(name)])),
      monitoring: monitoring === undefined ? null : fateOf(monitoring),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.workspace[Symbol.asyncDispose]()
  }
}

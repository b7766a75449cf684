import type { Owner } from './owner.ts'

/** Docker labels of everything that belongs to a lab. */
export const LABEL = {
  lab: 'kadlab.lab',
  scenario: 'kadlab.scenario',
  /** `network`, `router`, `node`, `agent`, `data` or `kept`. */
  role: 'kadlab.role',
  /** Name in the plan. */
  name: 'kadlab.name',
  host: 'kadlab.host',
  machine: 'kadlab.machine',
  pidNamespace: 'kadlab.pid-namespace',
  boot: 'kadlab.boot',
  pid: 'kadlab.pid',
  started: 'kadlab.started',
} as const

export type Role = 'network' | 'router' | 'node' | 'agent' | 'data' | 'kept'

/** A lab, as its labels tell of it. */
export interface LabIdentity {
  id: string
  scenario: string
  owner: Owner
}

/** Labels of one thing of a lab. */
export function labelsOf(lab: LabIdentity, role: Role, name: string): Record<string, string> {
  return {
    [LABEL.lab]: lab.id,
    [LABEL.scenario]: lab.scenario,
    [LABEL.role]: role,
    [LABEL.name]: name,
    [LABEL.host]: lab.owner.host,
    [LABEL.machine]: lab.owner.machine,
    [LABEL.pidNamespace]: lab.owner.pidNamespace,
    [LABEL.boot]: lab.owner.boot,
    [LABEL.pid]: String(lab.owner.pid),
    [LABEL.started]: lab.owner.started,
  }
}

/** Reads a lab's identity back; null where the labels are none of ours. */
export function readIdentity(labels: Readonly<Record<string, string>>): LabIdentity | null {
  const id = labels[LABEL.lab]
  const pid = Number(labels[LABEL.pid])
  if (id === undefined || !Number.isInteger(pid)) return null
  return {
    id,
    scenario: labels[LABEL.scenario] ?? '',
    owner: {
      host: labels[LABEL.host] ?? '',
      machine: labels[LABEL.machine] ?? '',
      pidNamespace: labels[LABEL.pidNamespace] ?? '',
      boot: labels[LABEL.boot] ?? '',
      pid,
      started: labels[LABEL.started] ?? '',
    },
  }
}

/** The filter under which the engine finds a lab's things; of all labs where `id` is null. */
export function labFilter(id: string | null): { label: string[] } {
  return { label: [id === null ? LABEL.lab : `${LABEL.lab}=${id}`] }
}

/** Name of a lab's container, network or volume at the engine, where names are shared by all labs. */
export function engineName(lab: LabIdentity, name: string): string {
  return `kadlab-${lab.id}-${name}`
}

/** What marks an image that a lab was built from, with what it is; a stage of its build has it too. */
export const IMAGE_LABEL = 'kadlab.image'

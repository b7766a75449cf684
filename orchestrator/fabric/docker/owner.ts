import { createHash } from 'node:crypto'
import { readFile, readlink } from 'node:fs/promises'
import { hostname } from 'node:os'

/**
 * Who runs a lab: enough to tell later whether that process still lives, though process numbers are used again and
 * machines restart.
 */
export interface Owner {
  host: string
  /** Tells machines of one name apart; empty where the system has no such number. */
  machine: string
  /** The process's PID namespace: in another one its number means another process. Empty where there is none. */
  pidNamespace: string
  /** Differs after each start of the machine; empty where the system tells none. */
  boot: string
  pid: number
  /** When the process started, in the system's own units; empty where the system tells none. */
  started: string
}

export type OwnerState =
  | 'alive'
  | 'gone'
  /** It ran on another machine, or in another container: nobody can tell from here. */
  | 'unknown'

/** What is asked of the system, so that tests can answer instead. */
export interface ProcessTable {
  host: string
  machine(): Promise<string>
  pidNamespace(): Promise<string>
  boot(): Promise<string>
  /** Null where there is no such process. */
  started(pid: number): Promise<string | null>
}

/** This machine's own. */
export const systemProcesses: ProcessTable = {
  host: hostname(),
  async machine() {
    const id = await readProc('/etc/machine-id')
    // A hash: the number itself is not for others to see.
    return id === null || id === ''
      ? ''
      : createHash('sha256').update(id).digest('hex').slice(0, 12)
  },
  async pidNamespace() {
    return readlink('/proc/self/ns/pid').catch(() => '')
  },
  async boot() {
    return (await readProc('/proc/sys/kernel/random/boot_id')) ?? ''
  },
  async started(pid) {
    const stat = await readProc(`/proc/${pid}/stat`)
    // The command's name, the second field, stands in brackets and may hold spaces: count from behind it.
    if (stat !== null) {
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      // A zombie, or a process that is just being removed, owns nothing any more.
      return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? '')
    }
    if (process.platform === 'linux') return null
    try {
      process.kill(pid, 0)
      return ''
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EPERM' ? '' : null
    }
  },
}

/** This process. */
export async function currentOwner(table: ProcessTable = systemProcesses): Promise<Owner> {
  const [machine, pidNamespace, boot, started] = await Promise.all([
    table.machine(),
    table.pidNamespace(),
    table.boot(),
    table.started(process.pid),
  ])
  return { host: table.host, machine, pidNamespace, boot, pid: process.pid, started: started ?? '' }
}

/** Whether the process that runs a lab is still there. */
export async function ownerState(
  owner: Owner,
  table: ProcessTable = systemProcesses,
): Promise<OwnerState> {
  if (owner.host !== table.host) return 'unknown'
  if (owner.machine !== (await table.machine())) return 'unknown'
  if (owner.pidNamespace !== (await table.pidNamespace())) return 'unknown'
  if (owner.boot !== (await table.boot())) return 'gone'
  const started = await table.started(owner.pid)
  return started !== null && started === owner.started ? 'alive' : 'gone'
}

async function readProc(path: string): Promise<string | null> {
  return readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => null,
  )
}

import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse } from 'yaml'

/** The parts of a Compose file that tests look at. */
export interface ComposeFile {
  name?: string
  services: Record<string, ComposeService>
  networks: Record<string, ComposeNetwork | null>
}

export interface ComposeService {
  image: string
  build?: unknown
  pull_policy?: string
  logging?: { driver: string; options: Record<string, string> }
  entrypoint?: string[]
  command?: string[]
  extends?: { file: string; service: string }
  mem_limit?: string
  pids_limit?: number
  profiles?: string[]
  networks?: string[] | Record<string, { ipv4_address?: string }>
  network_mode?: string
  ports?: string[]
  env_file?: string
  environment?: Record<string, string | number>
  volumes?: (string | { source: string; target: string })[]
  sysctls?: Record<string, string | number>
  restart?: string
  tmpfs?: string[]
  read_only?: boolean
  user?: string
  security_opt?: string[]
  healthcheck?: { test: string[] }
  cap_add?: string[]
  cap_drop?: string[]
  privileged?: boolean
  extra_hosts?: unknown
  dns?: string
}

export interface ComposeNetwork {
  driver_opts?: Record<string, string>
  ipam?: { config: { subnet: string; gateway: string }[] }
}

/** A Compose file as it is written, with its anchors and extensions resolved and its variables as they stand. */
export function readCompose(path: string): ComposeFile {
  const file = parse(readFileSync(path, 'utf8'), { merge: true }) as ComposeFile
  for (const [name, service] of Object.entries(file.services ?? {})) {
    if (service.extends === undefined) continue
    const other = readCompose(join(dirname(path), service.extends.file))
    file.services[name] = { ...other.services[service.extends.service], ...service }
  }
  return file
}

/** Names of a service's networks. */
export function networksOf({ networks = ['default'] }: ComposeService): string[] {
  return Array.isArray(networks) ? networks : Object.keys(networks)
}

/** Replaces `${NAME:-default}` by the variable, or else its default. */
export function interpolate(text: string, env: Readonly<Record<string, string>> = {}): string {
  return text.replaceAll(/\$\{([A-Z_0-9]+):-([^}]*)\}/g, (_, name: string, otherwise: string) =>
    env[name] === undefined || env[name] === '' ? otherwise : env[name],
  )
}

/** Variables of an environment file. */
export function readEnvironment(path: string): Record<string, string> {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.indexOf('=')),
      interpolate(line.slice(line.indexOf('=') + 1)),
    ]),
  )
}

import { parse } from 'yaml'
import type { VirtualMachine } from './stub/azurerm.ts'
import { openWorkspace } from './terraform.ts'

export interface CloudConfig {
  packages: string[]
  write_files: { path: string; permissions: string; content: string }[]
  runcmd: string[][]
}

/** What a machine is given, as Terraform rendered it. */
export interface Rendered {
  name: string
  /** Cloud-config, as text and parsed. */
  customData: string
  config: CloudConfig
  userData: UserData
}

export interface UserData {
  schema: string
  release: string
  environment: Record<string, string>
  metrics_port: number | null
}

/** Applies the module to a stub and collects what each machine was given. No machine runs. */
export async function renderMachines(variables: Record<string, unknown> = {}): Promise<Rendered[]> {
  const machines: VirtualMachine[] = []
  await using workspace = await openWorkspace({
    cloud: {
      machineCreated: async (machine) => {
        machines.push(machine)
      },
    },
  })
  const args = Object.entries(variables).map(([name, value]) =>
    typeof value === 'string' ? `-var=${name}=${value}` : `-var=${name}=${JSON.stringify(value)}`,
  )
  const outcome = await workspace.terraform(['apply', '-auto-approve', '-no-color', ...args])
  if (outcome.code !== 0) throw new Error(outcome.text)
  return machines
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, customData, userData }) => ({
      name,
      customData,
      config: parse(customData) as CloudConfig,
      userData: JSON.parse(Buffer.from(userData, 'base64').toString()) as UserData,
    }))
}

/** The content of a file that cloud-init writes. */
export function fileOf({ config }: Rendered, path: string): string {
  const file = config.write_files.find((candidate) => candidate.path === path)
  if (file === undefined) throw new Error(`custom data writes no ${path}`)
  return file.content
}

/** An image that there is no need to pack, where the image is not the point. */
export const SOME_IMAGE = `ghcr.io/somebody/kadlab@sha256:${'a'.repeat(64)}`

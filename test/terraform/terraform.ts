import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type AzureOptions, createAzure } from './stub/azurerm.ts'
import { startStubProvider } from './stub/provider.ts'
import { loadSchema } from './stub/schema.ts'
import { createTls } from './stub/tls.ts'

export const PROJECT = resolve(import.meta.dirname, '../..')

export interface Outcome {
  code: number
  /** Standard output and standard error, in that order. */
  text: string
  stdout: string
}

/** A clone of what Terraform needs of the repository, with Terraform attached to the stub providers. */
export interface Workspace extends AsyncDisposable {
  /** The clone's root; the module is in `terraform/`. */
  readonly root: string
  /** Runs terraform in `terraform/`, or the folder under it that the options name. Never rejects for an exit status. */
  terraform(args: string[], options?: RunOptions): Promise<Outcome>
}

export interface RunOptions {
  folder?: string
  signal?: AbortSignal
}

/** What a plan depends on: the module, and the sources of the pack. */
const CLONED = [
  'terraform',
  'node',
  'scripts',
  'package.json',
  'package-lock.json',
  '.npmrc',
  'tsconfig.json',
]

function isCloned(path: string): boolean {
  return !/(^|\/)(\.terraform|\.pack|node_modules|target|terraform\.tfstate[^/]*|\.terraform\.lock\.hcl)(\/|$)/.test(
    path.slice(PROJECT.length),
  )
}

/** Copies the sources into a folder of their own; dependencies are linked. */
export async function cloneProject(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'kadlab-clone-'))
  for (const name of CLONED) {
    await cp(join(PROJECT, name), join(root, name), { recursive: true, filter: isCloned })
  }
  await mkdir(join(root, 'orchestrator'), { recursive: true })
  await cp(join(PROJECT, 'orchestrator'), join(root, 'orchestrator'), {
    recursive: true,
    filter: isCloned,
  })
  await symlink(join(PROJECT, 'node_modules'), join(root, 'node_modules'))
  return root
}

/**
 * Opens a clone under Terraform with the stub providers in this process. Nothing is downloaded and no lock file is
 * written: Terraform takes the providers as developed right now (TF_REATTACH_PROVIDERS).
 */
export async function openWorkspace(
  azure: Omit<AzureOptions, 'workingDirectory'> = {},
  environment: Record<string, string> = {},
): Promise<Workspace> {
  const root = await cloneProject()
  const workingDirectory = join(root, 'terraform')
  const [azurerm, tls] = await Promise.all([
    startStubProvider(loadSchema('azurerm'), createAzure({ ...azure, workingDirectory })),
    startStubProvider(loadSchema('tls'), createTls()),
  ])
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: root,
    CHECKPOINT_DISABLE: '1',
    TF_CLI_CONFIG_FILE: '/dev/null',
    TF_IN_AUTOMATION: '1',
    TF_INPUT: '0',
    TF_REATTACH_PROVIDERS: JSON.stringify({
      'hashicorp/azurerm': azurerm.reattach,
      'hashicorp/tls': tls.reattach,
    }),
    ...environment,
  }
  const initialised = new Set<string>()
  const run = async (folder: string, args: string[], signal?: AbortSignal): Promise<Outcome> =>
    new Promise((done, fail) => {
      execFile(
        'terraform',
        args,
        {
          cwd: folder,
          env,
          maxBuffer: 64 << 20,
          ...(signal === undefined ? {} : { signal }),
        },
        (error, stdout, stderr) => {
          if (error !== null && typeof error.code !== 'number') return fail(error)
          const code = error === null ? 0 : Number(error.code)
          return done({ code, text: stdout + stderr, stdout })
        },
      )
    })
  return {
    root,
    async terraform(args, options = {}) {
      const folder = join(workingDirectory, options.folder ?? '')
      if (!initialised.has(folder)) {
        const init = await run(folder, ['init', '-no-color', '-backend=false'], options.signal)
        if (init.code !== 0) return init
        initialised.add(folder)
      }
      return run(folder, args, options.signal)
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([azurerm.stop(), tls.stop()])
      await rm(root, { recursive: true, force: true })
    },
  }
}

/** Runs terraform where it needs no provider. */
export async function runTerraform(folder: string, args: string[]): Promise<Outcome> {
  return new Promise((done, fail) => {
    execFile(
      'terraform',
      args,
      {
        cwd: folder,
        env: {
          PATH: process.env['PATH'] ?? '',
          CHECKPOINT_DISABLE: '1',
          TF_CLI_CONFIG_FILE: '/dev/null',
          HOME: tmpdir(),
        },
      },
      (error, stdout, stderr) => {
        if (error !== null && typeof error.code !== 'number') return fail(error)
        return done({
          code: error === null ? 0 : Number(error.code),
          text: stdout + stderr,
          stdout,
        })
      },
    )
  })
}

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describeError } from '#node/base/errors.ts'

const run = promisify(execFile)

/** A group of test files that needs the same things of the machine. */
export interface Suite {
  name: string
  /** What it needs, in a few words. */
  about: string
  /** Globs from the repository's root. */
  files: string[]
  /** Test files at a time: those that share a kernel or an engine go one by one. */
  concurrency: number
  /**
   * Whether somebody set this machine up for it, which no machine is by itself. Where not, it runs only where it is named, and
   * leaving it out is no failure in CI either. Default: always.
   */
  isSetUp?: () => boolean
  /** Null where the machine can run it, else what is missing, in one line. */
  missing: () => Promise<string | null>
}

async function answers(command: string, args: string[]): Promise<boolean> {
  try {
    await run(command, args, { timeout: 20_000 })
    return true
  } catch {
    return false
  }
}

const nothing = (): Promise<null> => Promise.resolve(null)

async function missingNamespaces(): Promise<string | null> {
  if (process.platform !== 'linux') return 'network namespaces are a thing of Linux'
  if (process.getuid?.() !== 0) return 'network namespaces need root'
  for (const command of ['ip', 'nft', 'conntrack']) {
    if (!(await answers('which', [command]))) return `the command ${command} is not installed`
  }
  return (await answers('unshare', ['--net', 'true'])) ? null : 'the kernel grants no namespace'
}

async function missingEngine(): Promise<string | null> {
  return (await answers('docker', ['info'])) ? null : 'no Docker engine answers'
}

/** The file of engines that are joined to a Swarm; empty where none is named. */
const swarmEngines = (): string => process.env['SWARM_ENGINES'] ?? ''

async function missingSwarm(): Promise<string | null> {
  if (swarmEngines() === '') {
    return 'SWARM_ENGINES names no file of engines that are joined to a Swarm'
  }
  try {
    // Loaded where it is asked for: it brings the whole client of an engine.
    const { connectSwarm, readEngines } = await import('#orchestrator/fabric/swarm/engines-file.ts')
    await connectSwarm(await readEngines(swarmEngines()), process.env)
    return null
  } catch (error) {
    return describeError(error)
  }
}

async function missingTerraform(): Promise<string | null> {
  return (await answers('terraform', ['version'])) ? null : 'no terraform binary is found'
}

async function missingBrowser(): Promise<string | null> {
  for (const command of ['chromium', 'chromium-browser', 'google-chrome']) {
    if (await answers('which', [command])) return null
  }
  return 'no Chromium is installed'
}

/** Every suite, the quick ones first. */
export const SUITES: readonly Suite[] = [
  {
    name: 'unit',
    about: 'everything that needs nothing but Node',
    files: [
      'test/node/**/*.test.ts',
      'test/orchestrator/**/*.test.ts',
      'test/compose/**/*.test.ts',
      'test/scripts/**/*.test.ts',
      'test/field-reports/**/*.test.ts',
    ],
    concurrency: 2,
    missing: nothing,
  },
  {
    name: 'browser',
    about: 'pages in a real browser: Chromium',
    files: ['test/browser/**/*.test.ts'],
    concurrency: 1,
    missing: missingBrowser,
  },
  {
    name: 'netns',
    about: 'network namespaces and nftables: Linux, root',
    files: ['test/netns/**/*.test.ts'],
    concurrency: 1,
    missing: missingNamespaces,
  },
  {
    name: 'terraform',
    about: 'the deployment on Azure, against a stand-in: a terraform binary',
    files: ['test/terraform/**/*.test.ts'],
    concurrency: 2,
    missing: missingTerraform,
  },
  {
    name: 'docker',
    about: 'containers: a Docker engine',
    files: ['test/docker/**/*.test.ts'],
    concurrency: 1,
    missing: missingEngine,
  },
  {
    name: 'swarm',
    about: 'labs over several engines: SWARM_ENGINES=<file>, as --engines takes it',
    files: ['test/swarm/**/*.test.ts'],
    concurrency: 1,
    missing: missingSwarm,
    isSetUp: () => swarmEngines() !== '',
  },
]

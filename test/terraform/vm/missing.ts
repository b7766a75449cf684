import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const execute = promisify(execFile)
const COMMANDS = ['ip', 'nft', 'curl', 'jq', 'unshare', 'nsenter', 'setpriv', 'pgrep']

/** What keeps virtual machines from running here, in one line; null where nothing does. */
export async function missingForMachines(): Promise<string | null> {
  if (process.platform !== 'linux') return 'network namespaces are a thing of Linux'
  if (process.getuid?.() !== 0) return 'network namespaces need root'
  for (const command of COMMANDS) {
    const found = await execute('which', [command]).catch(() => null)
    if (found === null) return `the command ${command} is not installed`
  }
  if (!(await readFile('/proc/filesystems', 'utf8')).includes('overlay')) {
    return 'the kernel has no overlayfs'
  }
  const granted = await execute('unshare', ['--net', '--mount', '--pid', '--fork', 'true']).catch(
    () => null,
  )
  return granted === null ? 'the kernel grants no namespaces' : null
}

// node terraform/pack/make.mjs <version>: what `terraform apply` runs to pack the node. Plain JavaScript for any Node;
// a fresh clone gets its dependencies first.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..')

function run(...args) {
  // npm is a script on Windows, which only a shell starts.
  const { status, error } = spawnSync('npm', args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (error)
    console.error(
      `npm cannot be started (${error.message}): install Node 20 or newer with npm 10 or newer`,
    )
  if (status !== 0) process.exit(status ?? 1)
}

if (!existsSync(resolve(root, 'node_modules'))) run('ci')
run('run', '--silent', 'pack-node', '--', ...process.argv.slice(2))

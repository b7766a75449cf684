// The first process of a virtual machine of the tests: what cloud-init does with custom data (write_files, runcmd), taken
// from /custom-data. Packages are there already, or have stand-ins.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { parse } from 'yaml'

interface CloudConfig {
  write_files: { path: string; permissions: string; content: string }[]
  runcmd: string[][]
}

const config = parse(readFileSync('/custom-data', 'utf8')) as CloudConfig
for (const file of config.write_files) {
  mkdirSync(dirname(file.path), { recursive: true })
  writeFileSync(file.path, file.content, { mode: Number.parseInt(file.permissions, 8) })
}
for (const [program = '', ...args] of config.runcmd) {
  const { status } = spawnSync(program, args, { stdio: 'inherit' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: status ${status}`)
}

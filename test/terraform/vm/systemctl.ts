// A stand-in for systemctl in a virtual machine of the tests: daemon-reload, enable [--now], start, stop, restart,
// is-active. A running service is a supervising process of this very program.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { type Command, expand, parseUnit, readEnvironment, type Service } from './unit-file.ts'

const STATE = '/run/units'

function load(unit: string): Service {
  return parseUnit(readFileSync(`/etc/systemd/system/${unit}`, 'utf8'))
}

function supervisor(unit: string): number | null {
  const file = `${STATE}/${unit}.pid`
  if (!existsSync(file)) return null
  const pid = Number(readFileSync(file, 'utf8'))
  try {
    process.kill(pid, 0)
    return pid
  } catch {
    return null
  }
}

function isActive(unit: string): boolean {
  return supervisor(unit) !== null || existsSync(`${STATE}/${unit}.done`)
}

function runNow(command: Command, environment: Record<string, string>): boolean {
  const [program = '', ...args] = expand(command.words, environment)
  return spawnSync(program, args, { stdio: 'inherit' }).status === 0 || command.mayFail
}

async function start(unit: string): Promise<void> {
  // Units of the distribution (docker.service) have no file here: their stand-ins need no start.
  if (!existsSync(`/etc/systemd/system/${unit}`) || isActive(unit)) return
  const service = load(unit)
  for (const required of service.requires) await start(required)
  if (service.oneshot) {
    if (!runNow(service.start, readEnvironment(service.environmentFiles))) process.exit(1)
    writeFileSync(`${STATE}/${unit}.done`, '')
    return
  }
  const log = openSync(`/var/log/${unit}.log`, 'a')
  const child = spawn(process.execPath, [import.meta.filename, 'supervise', unit], {
    detached: true,
    stdio: ['ignore', log, log],
  })
  writeFileSync(`${STATE}/${unit}.pid`, String(child.pid))
  child.unref()
}

async function stop(unit: string): Promise<void> {
  rmSync(`${STATE}/${unit}.done`, { force: true })
  const pid = supervisor(unit)
  if (pid === null) return
  process.kill(pid, 'SIGTERM')
  while (supervisor(unit) !== null) await delay(20)
}

/** Runs a service for as long as it is wanted: what systemd's manager does for a unit. */
async function supervise(unit: string): Promise<void> {
  const service = load(unit)
  const stopped = new AbortController()
  process.on('SIGTERM', () => stopped.abort())
  do {
    const environment = readEnvironment(service.environmentFiles)
    if (service.startPre.every((command) => runNow(command, environment))) {
      const [program = '', ...args] = expand(service.start.words, environment)
      const main = spawn(program, args, { stdio: 'inherit' })
      const ended = new Promise((resolve) => main.once('close', resolve))
      stopped.signal.addEventListener('abort', () => {
        for (const command of service.stop) runNow(command, environment)
        main.kill('SIGTERM')
      })
      await ended
    }
    if (!service.restartAlways) break
    await delay(service.restartDelayMs, null, { signal: stopped.signal }).catch(() => null)
  } while (!stopped.signal.aborted)
}

const [verb, ...rest] = process.argv.slice(2)
const units = rest.filter((word) => !word.startsWith('--'))
mkdirSync(STATE, { recursive: true })
for (const unit of units) {
  if (verb === 'start' || (verb === 'enable' && rest.includes('--now'))) await start(unit)
  else if (verb === 'stop') await stop(unit)
  else if (verb === 'restart') {
    await stop(unit)
    await start(unit)
  } else if (verb === 'is-active') process.exitCode = isActive(unit) ? 0 : 3
  else if (verb === 'supervise') await supervise(unit)
  else if (verb !== 'enable') throw new Error(`the stand-in for systemctl does not know ${verb}`)
}

import { KadlabError } from '#node/base/errors.ts'

/** The command line is wrong: exit status 2, nothing was started. */
export class UsageError extends KadlabError {
  static override readonly name = 'UsageError'
}

/** The user ended the command (Ctrl-C, SIGTERM): exit status 130, nothing is left behind. */
export class InterruptedError extends KadlabError {
  static override readonly name = 'InterruptedError'
}

/** The run took longer than `--timeout`: exit status 3, nothing is left behind. */
export class RunTimeoutError extends KadlabError {
  static override readonly name = 'RunTimeoutError'
}

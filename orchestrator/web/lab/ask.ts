import type {
  CheckAnswer,
  CheckRequest,
  LabFault,
  LabProblem,
  LabStart,
  LabState,
  RunRequest,
} from './protocol.ts'

/** The lab refused something, or does not answer. */
export class LabError extends Error {
  override readonly name = 'LabError'
  readonly faults: readonly LabFault[]

  constructor(message: string, faults: readonly LabFault[] = []) {
    super(message)
    this.faults = faults
  }
}

/** Stands in the address that the lab printed, behind `#`, which no browser sends anywhere. */
const token = location.hash.slice(1)

/** What a page begins with. */
export async function askStart(): Promise<LabStart> {
  return (await ask('/api/start')).json() as Promise<LabStart>
}

/** The text of a scenario of the catalogue. */
export async function askScenario(name: string): Promise<string> {
  return (await ask(`/api/scenarios/${encodeURIComponent(name)}`)).text()
}

/** How things stand, once that is otherwise than at this change. */
export async function askState(after: number): Promise<LabState> {
  return (await ask(`/api/state?after=${after}`)).json() as Promise<LabState>
}

/** What is wrong in a text. */
export async function askCheck(request: CheckRequest): Promise<CheckAnswer> {
  return (await ask('/api/check', request)).json() as Promise<CheckAnswer>
}

/** Starts a run. */
export async function askRun(request: RunRequest): Promise<LabState> {
  return (await ask('/api/runs', request)).json() as Promise<LabState>
}

/** Ends the run that is under way. */
export async function askStop(): Promise<void> {
  await ask('/api/stop', {})
}

/** @throws LabError */
async function ask(path: string, body?: object): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const sent = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
  const response = await fetch(path, { headers, ...sent }).catch(() => null)
  if (response === null) {
    throw new LabError(
      'The lab does not answer any more: start it again, and open its new address.',
    )
  }
  if (response.ok) return response
  const { error, faults = [] } = (await response.json()) as LabProblem
  throw new LabError(error, faults)
}

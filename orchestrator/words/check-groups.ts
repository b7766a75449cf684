import { type Members, quantified } from './group.ts'
import { thereAre } from './nearest.ts'
import type { Scene } from './scene.ts'

/** Whether every group that a step or an expectation means is there, and as large as is asked; with a fault for each. */
export function checkGroups(spec: object & { members?: Members<unknown> }, scene: Scene): boolean {
  let sound = true
  const fault = (key: string, message: string): void => {
    scene.fault(key, message)
    sound = false
  }
  for (const [key, value] of Object.entries(spec)) {
    const group = quantified(value)?.group
    if (group === undefined) continue
    fault(key, `no group is called '${group}'; ${thereAre(scene.groups, group)}`)
  }
  const { members } = spec
  if (members === undefined) return sound
  const [key = ''] = Object.keys(spec)
  const { length } = members.rows
  if (length === 0) fault(key, 'impossible: nobody is in this group')
  else if (members.rowsNeeded !== 'all' && members.rowsNeeded > length) {
    fault(
      key,
      `impossible: expected at most ${length}, which is all that there are, saw ${members.rowsNeeded}`,
    )
  }
  return sound
}

import { z } from 'zod'
import { checkGroups } from '../check-groups.ts'
import { singleOnes } from '../expectation.ts'
import { contradictions } from '../expectations/contradictions.ts'
import {
  expectationSchema,
  expectationWord,
  planExpectation,
} from '../expectations/expectations.ts'
import { defineStep } from '../step.ts'

export const expect = defineStep({
  word: 'expect',
  doc: 'Awaits expectations; all must hold together at the end of the step.',
  fields: { expect: z.array(expectationSchema).min(1, 'at least one expectation') },
  plan: ({ expect }) => [{ expectations: expect.map(planExpectation) }],
  text: ({ expectations: { length } }) =>
    `await ${length === 1 ? '1 expectation' : `${length} expectations`}`,
  hasResult: true,
  check({ expect }, scene) {
    const sound = expect.map((spec, index) => checkGroups(spec, scene.at('expect', index)))
    if (sound.includes(false)) return
    const planned = expect.map(planExpectation)
    for (const each of planned.flatMap(singleOnes)) expectationWord(each).leaves(each, scene)
    for (const [index, each] of planned.entries()) {
      const place = scene.at('expect', index)
      for (const one of singleOnes(each)) expectationWord(one).check(one, place)
      const { by, within } = expect[index] ?? {}
      if (by !== undefined && within !== undefined) {
        place.fault('by', 'say by when it must have come true, or within what time: not both')
      }
    }
    for (const { index, message } of contradictions(planned)) {
      scene.at('expect').fault(index, message)
    }
  },
  run: ({ expectations }, lab) => lab.expect(expectations),
})

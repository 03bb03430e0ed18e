import { sum } from '@foggara/schema'

import type { FlowProblem } from '../engine.ts'
import { at } from '../graph/at.ts'
import { passFingersOf } from '../reference/pass-fingers.ts'

/**
 * Whether everything that a flow computes stays below `2^bits`: what all steps bring to a node is at
 * most the inflow each time, and once more at the start; and there are the fingers of a node.
 */
export function fitsBits(problem: FlowProblem, bits: number): boolean {
  const bound = 1n << BigInt(bits)
  const passFingers = passFingersOf(problem)
  const times = BigInt(problem.stepCountMax + 1)
  return (
    sum(problem.inflow) * times < bound &&
    problem.keepFingers.every((fingers, node) => fingers + at(passFingers, node) < bound)
  )
}

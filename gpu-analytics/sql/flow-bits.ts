import { sum } from '@foggara/schema'

import type { FlowProblem } from '../engine.ts'
import { at } from '../graph/at.ts'
import { passFingersOf } from '../reference/pass-fingers.ts'

/**
 * Whether everything that a flow computes stays below `2^bits`: nothing that it adds up exceeds its
 * inflow times its steps, or the fingers of one node.
 */
export function fitsBits(problem: FlowProblem, bits: number): boolean {
  const bound = 1n << BigInt(bits)
  const passFingers = passFingersOf(problem)
  const steps = BigInt(Math.max(problem.stepCountMax, 1))
  return (
    sum(problem.inflow) * steps < bound &&
    problem.keepFingers.every((fingers, node) => fingers + at(passFingers, node) < bound)
  )
}

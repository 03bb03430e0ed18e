import type { FlowResult, RankResult } from './engine.ts'

/** Whether two results are the same to the last unit, and if not, where they first differ. */
export type Comparison =
  | { readonly type: 'equal' }
  | {
      readonly type: 'different'
      readonly field: string
      /** The node or edge, for fields that have one value for each. */
      readonly index?: number
      readonly left: bigint | number
      readonly right: bigint | number
    }

/** Compares two ranks of the same problem; who computed them plays no part. */
export function compareRanks(left: RankResult, right: RankResult): Comparison {
  return (
    oneDifference('iterationCount', left.iterationCount, right.iterationCount) ??
    firstDifference('scores', left.scores, right.scores) ??
    oneDifference('dust', left.dust, right.dust) ??
    oneDifference('delta', left.delta, right.delta) ?? { type: 'equal' }
  )
}

/** Compares two flows of the same problem; who computed them plays no part. */
export function compareFlows(left: FlowResult, right: FlowResult): Comparison {
  return (
    oneDifference('stepCount', left.stepCount, right.stepCount) ??
    firstDifference('kept', left.kept, right.kept) ??
    firstDifference('edgeTotals', left.edgeTotals, right.edgeTotals) ??
    oneDifference('stopped', left.stopped, right.stopped) ?? { type: 'equal' }
  )
}

function firstDifference(
  field: string,
  left: ArrayLike<bigint>,
  right: ArrayLike<bigint>,
): Comparison | undefined {
  if (left.length !== right.length) {
    return oneDifference(`${field}.length`, left.length, right.length)
  }
  for (let index = 0; index < left.length; index++) {
    const a = left[index] ?? 0n
    const b = right[index] ?? 0n
    if (a !== b) return { type: 'different', field, index, left: a, right: b }
  }
  return undefined
}

function oneDifference<Value extends bigint | number>(
  field: string,
  left: Value,
  right: Value,
): Comparison | undefined {
  return left === right ? undefined : { type: 'different', field, left, right }
}

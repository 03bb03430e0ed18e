import type { SqlRow } from './sql-session.ts'
import { integersOf } from './sql-value.ts'

/** What a flow has done with some places, in order. */
export type FlowState = {
  readonly moving: readonly bigint[]
  /** What a place gave along each of its fingers in all. */
  readonly passed: readonly bigint[]
  /** What a place has, still moving or not. */
  readonly kept: readonly bigint[]
}

/** A flow in tables, before its next step. */
export type FlowSteps = {
  /** Runs one step, in one statement. */
  readonly advance: () => Promise<void>
  /** The sum of what is in flight. */
  readonly inFlight: () => Promise<bigint>
  /** Ends the flow; the answer reads the places from `first` up to `end`. */
  readonly settle: () => Promise<(first: number, end: number) => Promise<FlowState>>
}

/** The state that a row lists. */
export function flowStateOf(row: SqlRow | undefined): FlowState {
  return {
    moving: integersOf(row, 'moving'),
    passed: integersOf(row, 'passed'),
    kept: integersOf(row, 'kept'),
  }
}

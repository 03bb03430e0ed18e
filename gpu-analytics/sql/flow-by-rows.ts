import type { FlowProblem } from '../engine.ts'
import { type ByDegree, fromOne, pick } from './by-degree.ts'
import { fitsBits } from './flow-bits.ts'
import { flowNodeColumns } from './flow-columns.ts'
import type { FlowSteps } from './flow-steps.ts'
import type { RunTables } from './run-tables.ts'
import { integerOf, integersOf } from './sql-value.ts'

/**
 * A flow in ClickHouse: one row per node with the lists of its sources and of their fingers, in the
 * narrowest type that holds all amounts.
 */
export async function flowByRows(
  run: RunTables,
  problem: FlowProblem,
  layout: ByDegree,
): Promise<FlowSteps> {
  const bits = BIT_COUNTS.find((count) => fitsBits(problem, count)) ?? 256
  const amount = `UInt${bits}`
  const rows = await run.create(
    'rows',
    `(place UInt32, inflow ${amount}, keep_fingers ${amount}, pass_fingers ${amount},
      sources Array(UInt32), fingers Array(${amount}))
    engine = MergeTree order by place`,
  )
  const offsets = layout.inOffsets
  await run.load(rows, [
    ...flowNodeColumns(problem, layout).map((column) => ({ ...column, bits })),
    { name: 'sources', values: fromOne(layout.sources), offsets },
    { name: 'fingers', values: pick(problem.fingers, layout.edges), offsets, bits },
  ])
  let state = await run.create('state_a', stateOf(amount))
  let other = await run.create('state_b', stateOf(amount))
  await run.run(`
    insert into ${state}
    select place, inflow as moving, ${perFingerOf('inflow', amount)} as per_finger,
      0 as kept, 0 as passed
    from ${rows}`)
  return {
    advance: async () => {
      await run.run(`truncate table ${other}`)
      await run.run(`insert into ${other} ${nextRows(rows, state, amount)}`)
      ;[state, other] = [other, state]
    },
    inFlight: async () => {
      const [row] = await run.query(`select sum(moving) as total from ${state}`)
      return integerOf(row, 'total')
    },
    read: async () => {
      const [row] = await run.query(`
        select groupArray(moving) as moving, groupArray(kept) as kept,
          groupArray(passed) as passed
        from (select moving, kept, passed from ${state} order by place)`)
      return {
        moving: integersOf(row, 'moving'),
        kept: integersOf(row, 'kept'),
        passed: integersOf(row, 'passed'),
      }
    },
  }
}

const BIT_COUNTS = [64, 128, 256] as const

function stateOf(amount: string): string {
  return `(
      place UInt32, moving ${amount}, per_finger ${amount}, kept ${amount}, passed ${amount}
    ) engine = Memory`
}

function nextRows(rows: string, state: string, amount: string): string {
  return `
    with
      (
        select (groupArray(per_finger), groupArray(moving), groupArray(kept), groupArray(passed))
        from (select per_finger, moving, kept, passed from ${state} order by place)
      ) as former,
      former.1 as per_finger_of
    select place, arrived as moving, ${perFingerOf('arrived', amount)} as per_finger,
      to${amount}(
        former.3[place + 1] + former.2[place + 1] - per_finger_of[place + 1] * pass_fingers
      ) as kept,
      former.4[place + 1] + per_finger_of[place + 1] as passed
    from (
      select place, keep_fingers, pass_fingers,
        arraySum(
          (source, count) -> per_finger_of[source] * count, sources, fingers
        ) as arrived
      from ${rows}
    )`
}

function perFingerOf(value: string, amount: string): string {
  const all = 'keep_fingers + pass_fingers'
  return `if(${all} = 0, to${amount}(0), intDiv(${value}, greatest(${all}, to${amount}(1))))`
}

import type { FlowProblem } from '../engine.ts'
import { type ByDegree, fromOne, pick } from './by-degree.ts'
import { flowNodeColumns } from './flow-columns.ts'
import type { FlowSteps } from './flow-steps.ts'
import type { RunTables } from './run-tables.ts'
import { integerOf, integersOf } from './sql-value.ts'

/** A flow in ClickHouse: one row per node with the lists of its sources and of their fingers. */
export async function flowByRows(
  run: RunTables,
  problem: FlowProblem,
  layout: ByDegree,
): Promise<FlowSteps> {
  const rows = await run.create(
    'rows',
    `(place UInt32, inflow UInt256, keep_fingers UInt256, pass_fingers UInt256,
      sources Array(UInt32), fingers Array(UInt256))
    engine = MergeTree order by place`,
  )
  const offsets = layout.inOffsets
  await run.load(rows, [
    ...flowNodeColumns(problem, layout),
    { name: 'sources', values: fromOne(layout.sources), offsets },
    { name: 'fingers', values: pick(problem.fingers, layout.edges), offsets },
  ])
  let state = await run.create('state_a', STATE)
  let other = await run.create('state_b', STATE)
  await run.run(`
    insert into ${state}
    select place, inflow as moving, ${perFingerOf('inflow')} as per_finger,
      toUInt256(0) as kept, toUInt256(0) as passed
    from ${rows}`)
  return {
    advance: async () => {
      await run.run(`truncate table ${other}`)
      await run.run(`insert into ${other} ${nextRows(rows, state)}`)
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

const STATE = `(place UInt32, moving UInt256, per_finger UInt256, kept UInt256, passed UInt256)
  engine = Memory`

function nextRows(rows: string, state: string): string {
  return `
    with
      (
        select (groupArray(per_finger), groupArray(moving), groupArray(kept), groupArray(passed))
        from (select per_finger, moving, kept, passed from ${state} order by place)
      ) as former,
      former.1 as per_finger_of
    select place, arrived as moving, ${perFingerOf('arrived')} as per_finger,
      toUInt256(
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

function perFingerOf(amount: string): string {
  const all = 'keep_fingers + pass_fingers'
  return `if(${all} = 0, toUInt256(0), intDiv(${amount}, greatest(${all}, toUInt256(1))))`
}

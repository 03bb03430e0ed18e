import type { FlowProblem } from '../engine.ts'
import { type ByDegree, fromOne, pick } from './by-degree.ts'
import { fitsBits } from './flow-bits.ts'
import { flowNodeColumns } from './flow-columns.ts'
import { type FlowSteps, flowStateOf } from './flow-state.ts'
import type { RunTables } from './run-tables.ts'
import { integerOf } from './sql-value.ts'

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
  const columns = `(place UInt32, moving ${amount}, per_finger ${amount}, passed ${amount})`
  let state = await run.create('state_a', `${columns} engine = Memory`)
  let other = await run.create('state_b', `${columns} engine = Memory`)
  await run.run(`
    insert into ${state}
    select place, inflow as moving, ${perFingerOf('inflow', amount)} as per_finger, 0 as passed
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
    settle: async () => {
      const settled = `(place UInt32, moving ${amount}, passed ${amount}, kept ${amount})`
      const table = await run.create('settled', `${settled} engine = Memory`)
      await run.run(`insert into ${table} ${settledRows(rows, state, amount)}`)
      return async (first, end) => {
        const [row] = await run.query(`
          select groupArray(moving) as moving, groupArray(passed) as passed,
            groupArray(kept) as kept
          from (
            select moving, passed, kept from ${table}
            where place >= ${first} and place < ${end} order by place
          )`)
        return flowStateOf(row)
      }
    },
  }
}

const BIT_COUNTS = [64, 128, 256] as const

function nextRows(rows: string, state: string, amount: string): string {
  return `
    with
      (select groupArray(per_finger) from (${inOrder('per_finger', state)})) as per_finger_of,
      (select groupArray(passed) from (${inOrder('passed', state)})) as passed_of
    select place, arrived as moving, ${perFingerOf('arrived', amount)} as per_finger,
      passed_of[place + 1] + per_finger_of[place + 1] as passed
    from (
      select place, keep_fingers, pass_fingers, ${arrivedOf('per_finger_of')} as arrived
      from ${rows}
    )`
}

/** What came and went in all steps together, which leaves what was kept and what is still moving. */
function settledRows(rows: string, state: string, amount: string): string {
  return `
    with
      (select groupArray(moving) from (${inOrder('moving', state)})) as moving_of,
      (select groupArray(passed) from (${inOrder('passed', state)})) as passed_of
    select place, moving_of[place + 1] as moving, passed_of[place + 1] as passed,
      to${amount}(inflow + arrived - passed * pass_fingers) as kept
    from (
      select place, inflow, pass_fingers, ${arrivedOf('passed_of')} as arrived from ${rows}
    )`
}

function inOrder(column: string, state: string): string {
  return `select ${column} from ${state} order by place`
}

function arrivedOf(given: string): string {
  return `arraySum((source, count) -> ${given}[source] * count, sources, fingers)`
}

function perFingerOf(value: string, amount: string): string {
  const all = 'keep_fingers + pass_fingers'
  return `if(${all} = 0, to${amount}(0), intDiv(${value}, greatest(${all}, to${amount}(1))))`
}

import type { FlowProblem } from '../engine.ts'
import { type ByDegree, pick } from './by-degree.ts'
import { targetsOf } from './edge-values.ts'
import { flowNodeColumns } from './flow-columns.ts'
import { type FlowSteps, flowStateOf } from './flow-state.ts'
import type { RunTables } from './run-tables.ts'
import { integerOf } from './sql-value.ts'

/** A flow in DuckDB: edges joined with what their source gives per finger, added up by target. */
export async function flowByEdges(
  run: RunTables,
  problem: FlowProblem,
  layout: ByDegree,
): Promise<FlowSteps> {
  const nodes = await run.create(
    'nodes',
    '(place integer, inflow hugeint, keep_fingers hugeint, pass_fingers hugeint)',
  )
  await run.load(nodes, flowNodeColumns(problem, layout))
  const edges = await run.create('edges', '(source integer, target integer, fingers hugeint)')
  await run.load(edges, [
    { name: 'source', values: layout.sources },
    { name: 'target', values: targetsOf({ ...problem.graph, ...layout }) },
    { name: 'fingers', values: pick(problem.fingers, layout.edges) },
  ])
  let step = 0
  let state = await run.create(
    'state_0',
    `as select place, inflow as moving, ${perFingerOf('inflow')} as per_finger,
      0::hugeint as kept, 0::hugeint as passed
    from ${nodes}`,
  )
  return {
    advance: async () => {
      step++
      const next = await run.create(`state_${step}`, `as ${nextRows(nodes, edges, state)}`)
      await run.remove(state)
      state = next
    },
    inFlight: async () => {
      const [row] = await run.query(`select sum(moving) as total from ${state}`)
      return integerOf(row, 'total')
    },
    settle: async () => async (first, end) => {
      const [row] = await run.query(`
        select list(moving order by place) as moving, list(passed order by place) as passed,
          list(kept + moving order by place) as kept
        from ${state}
        where place >= ${first} and place < ${end}`)
      return flowStateOf(row)
    },
  }
}

function nextRows(nodes: string, edges: string, state: string): string {
  return `
    with arriving as (
      select edge.target as target, sum(state.per_finger * edge.fingers) as arrived
      from ${edges} as edge
      inner join ${state} as state on state.place = edge.source
      group by edge.target
    )
    select place, moving, ${perFingerOf('moving')} as per_finger, kept, passed
    from (
      select node.place as place, keep_fingers, pass_fingers,
        coalesce(arriving.arrived, 0) as moving,
        state.kept + state.moving - state.per_finger * node.pass_fingers as kept,
        state.passed + state.per_finger as passed
      from ${nodes} as node
      inner join ${state} as state on state.place = node.place
      left join arriving on arriving.target = node.place
    ) as settled`
}

function perFingerOf(amount: string): string {
  const all = '(keep_fingers + pass_fingers)'
  return `case when ${all} = 0 then 0::hugeint else ${amount} // greatest(${all}, 1) end`
}

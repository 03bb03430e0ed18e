import type { Ruleset } from '@foggara/schema'

import { type RunPart, relationOf } from './rank-sql.ts'
import {
  type LinesRelation,
  assetRows,
  provenanceEdgeRows,
  usageValueRows,
} from './snapshot-relations.ts'

/**
 * The `flow` of a snapshot as one recursive statement: `id`, `score` (what each asset keeps) with the
 * `moving` in it, `kept` and the number of `steps`, ascending by id. It ends when nothing is in flight
 * or after the steps of the part.
 */
export function flowSql(
  lines: LinesRelation,
  rules: Ruleset['flow'],
  part: RunPart = { first: 0, end: rules.stepCountMax, former: [] },
): string {
  const start =
    part.first === 0
      ? 'select toUInt32(0) as k, id, inflow as moving, toUInt256(0) as kept from node'
      : `select toUInt32(${part.first}) as k, id, toUInt256(moving) as moving,
          toUInt256(kept) as kept
        from ${relationOf(part.former, ['id', 'moving', 'kept'])}`
  return `with recursive
    (select groupArray((id, inflow, fingers, pass_fingers, links)) from ${nodeRows(lines)}) as nodes,
    node as (
      select
        item.1 as id, item.2 as inflow, item.3 as fingers, item.4 as pass_fingers, item.5 as links
      from (select arrayJoin(nodes) as item)
    ),
    step as (
      ${start}
      union all
      select
        toUInt32(previous_k + 1) as k, reached as id, arrived as moving, settled as kept
      from (
        select
          link.1 as reached,
          max(at_k) as previous_k,
          sum(per_finger * link.2) as arrived,
          sum(if(link.3 = 1, keeps, toUInt256(0))) as settled
        from (
          select
            flowing.k as at_k,
            if(node.fingers = 0, toUInt256(0),
              intDiv(flowing.moving, greatest(node.fingers, toUInt256(1)))) as per_finger,
            toUInt256(flowing.kept + flowing.moving - per_finger * node.pass_fingers) as keeps,
            arrayJoin(node.links) as link
          from (select *, sum(moving) over () as in_flight from step) as flowing
          inner join node on node.id = flowing.id
          where flowing.in_flight > 0 and flowing.k < ${part.end}
        )
        group by reached
      )
    )
  select id, moving + kept as score, moving, kept, k as steps
  from (select *, max(k) over () as last_k from step)
  where k = last_k
  order by id`
}

/** `id`, `inflow`, `fingers`, `pass_fingers` and the links: (target, fingers, is the node itself). */
function nodeRows(lines: LinesRelation): string {
  return `(
    select
      asset.asset_id as id,
      used.amount as inflow,
      sent.total as pass_fingers,
      greatest(sent.total, toUInt256(100000000)) as fingers,
      arrayPushBack(sent.links, (asset.asset_id, toUInt256(0), toUInt8(1))) as links
    from ${assetRows(lines)} as asset
    left join (
      select
        from_id,
        sum(weight) as total,
        groupArray((to_id, weight, toUInt8(0))) as links
      from ${provenanceEdgeRows(lines)}
      group by from_id
    ) as sent on sent.from_id = asset.asset_id
    left join ${usageValueRows(lines)} as used on used.asset_id = asset.asset_id
  )`
}

import type { Ruleset } from '@foggara/schema'

import { depthSetting } from './rank-sql.ts'
import {
  type LinesRelation,
  assetRows,
  provenanceEdgeRows,
  usageValueRows,
} from './snapshot-relations.ts'

/**
 * The `flow` of a snapshot as one recursive statement: `id`, `score` (what each asset keeps),
 * ascending by id. It ends when nothing is in flight or after the ruleset's steps.
 */
export function flowSql(lines: LinesRelation, rules: Ruleset['flow']): string {
  return `with recursive
    (select groupArray((id, inflow, fingers, pass_fingers, links)) from ${nodeRows(lines)}) as nodes,
    node as (
      select
        item.1 as id, item.2 as inflow, item.3 as fingers, item.4 as pass_fingers, item.5 as links
      from (select arrayJoin(nodes) as item)
    ),
    step as (
      select toUInt32(0) as k, id, inflow as moving, toUInt256(0) as kept from node
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
          where flowing.in_flight > 0 and flowing.k < ${rules.stepCountMax}
        )
        group by reached
      )
    )
  select id, argMax(kept + moving, k) as score
  from step
  group by id
  order by id
  ${depthSetting(rules.stepCountMax)}`
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

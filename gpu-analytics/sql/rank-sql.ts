import type { Ruleset } from '@foggara/schema'

import { largestRemainderSql } from './largest-remainder-sql.ts'
import {
  type LinesRelation,
  assetRows,
  paidReceiptRows,
  provenanceEdgeRows,
  usageEdgeRows,
} from './snapshot-relations.ts'
import type { SqlRow } from './sql-session.ts'

const MASS = '4611686018427387904'

/** A part of a run that one statement computes: from the rows of the part before it, if any. */
export type RunPart = {
  /** Iterations or steps done before it. */
  readonly first: number
  /** Iterations or steps done after it, unless the run ends before. */
  readonly end: number
  /** The answer of the part before it. */
  readonly former: readonly SqlRow[]
}

/**
 * The `rank` of a snapshot as one recursive statement: `id`, `score`, ascending by id.
 *
 * The nodes are a scalar, so that they are made once and not at every step. Every node sends a zero
 * to itself, so that each step has a row per node without a join; the step
 * number travels through the aggregate, because a recursive query that names itself twice gives wrong
 * rows without saying so.
 */
export function rankSql(
  lines: LinesRelation,
  rules: Ruleset['rank'],
  part: RunPart = { first: 0, end: rules.iterationCount, former: [] },
): string {
  const start =
    part.first === 0
      ? 'select toUInt32(0) as k, id, links[-1].3 as score from node'
      : `select toUInt32(${part.first}) as k, id, toUInt64(score) as score
        from ${relationOf(part.former, ['id', 'score'])}`
  return `with recursive
    (select groupArray((id, pass_q32, shift, links)) from ${nodeRows(lines, rules)}) as nodes,
    node as (
      select item.1 as id, item.2 as pass_q32, item.3 as shift, item.4 as links
      from (select arrayJoin(nodes) as item)
    ),
    step as (
      ${start}
      union all
      select
        toUInt32(previous_k + 1) as k,
        reached as id,
        toUInt64(arrived + toUInt64(bitShiftRight(
          toUInt128(toUInt64(${MASS} - sum(arrived) over ())) * toUInt128(own_teleport), 62
        ))) as score
      from (
        select
          link.1 as reached,
          max(at_k) as previous_k,
          sum(toUInt64(bitShiftRight(toUInt128(unit) * toUInt128(link.2), 32))) as arrived,
          max(link.3) as own_teleport
        from (
          select
            step.k as at_k,
            bitShiftRight(
              2 * toUInt64(bitShiftRight(toUInt128(step.score) * toUInt128(node.pass_q32), 32)),
              node.shift
            ) as unit,
            arrayJoin(node.links) as link
          from step
          inner join node on node.id = step.id
          where step.k < ${part.end}
        )
        group by reached
      )
    )
  select id, score
  from step
  where k = ${part.end}
  order by id`
}

/** Rows of an answer as a relation with these columns, all of them text. */
export function relationOf(rows: readonly SqlRow[], columns: readonly string[]): string {
  const items = rows.map((row) => `(${columns.map((name) => `'${String(row[name])}'`).join(', ')})`)
  const picked = columns.map((name, index) => `item.${index + 1} as ${name}`)
  return `(select ${picked.join(', ')} from (select arrayJoin([${items.join(', ')}]) as item))`
}

/** `id`, `pass_q32`, `shift`, `teleport` and the links: (target, mantissa, own teleport). */
function nodeRows(lines: LinesRelation, rules: Ruleset['rank']): string {
  return `(
    select
      listed.id as id,
      toUInt64(if(listed.is_asset,
        least(
          intDiv(coalesce(sent.total, toUInt256(0)) * toUInt256(4294967296), toUInt256(100000000)),
          toUInt256(${rules.assetPassThroughMaxQ32})
        ),
        toUInt256(${rules.consumerPassThroughQ32})
      )) as pass_q32,
      sent.shift as shift,
      toUInt64(teleported.amount) as teleport,
      arrayPushBack(
        sent.links,
        (listed.id, toUInt64(0), toUInt64(teleported.amount))
      ) as links
    from (
      select id, max(asset) as is_asset
      from (
        select asset_id as id, 1 as asset from ${assetRows(lines)}
        union all
        select consumer as id, 0 as asset from ${paidReceiptRows(lines)}
      )
      group by id
    ) as listed
    left join ${normalisedLinks(lines)} as sent on sent.from_id = listed.id
    left join ${teleportRows(lines)} as teleported on teleported.consumer = listed.id
  )`
}

/**
 * Per source its total, its shift and its links with their mantissas, by integers only. Weights of a
 * snapshot sum to less than 2^180 (amounts below 2^96 times 720 720, of fewer than 2^64 receipts), so
 * that a weight lifted by at most 71 bits fits 256.
 */
function normalisedLinks(lines: LinesRelation): string {
  return `(
    select from_id, total, shift,
      arrayMap(
        link -> (
          link.1,
          toUInt64(intDiv(bitShiftLeft(link.2, 31 + shift), total)),
          toUInt64(0)
        ),
        targets
      ) as links
    from (
      select
        from_id,
        sum(weight) as total,
        toUInt8(arrayMax(arrayFilter(
          candidate -> bitShiftLeft(max(weight), candidate) < 2 * sum(weight),
          range(40)
        ))) as shift,
        groupArray((to_id, weight)) as targets
      from (
        select * from ${usageEdgeRows(lines)}
        union all
        select * from ${provenanceEdgeRows(lines)}
      )
      group by from_id
    )
  )`
}

/** The teleport vector: the mass divided over the consumers by their fees. */
function teleportRows(lines: LinesRelation): string {
  return largestRemainderSql({
    relation: `(select consumer, sum(fee) as fees from ${paidReceiptRows(lines)} group by consumer)`,
    group: [],
    total: `'${MASS}'`,
    weight: 'fees',
    id: 'consumer',
  })
}

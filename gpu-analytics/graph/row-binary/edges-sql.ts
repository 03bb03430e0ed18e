/**
 * A relation of ClickHouse: a table's name, or a query in parentheses. Nothing here is escaped, so
 * never make one of what users wrote.
 */
export type Relation = string

/** lcm(1..16): one fee unit divided over up to 16 assets is a whole number of these. */
const USAGE_WEIGHT_SCALE = 720_720

/**
 * The usage edges of receipts with the columns `consumer`, `assets` and `fee`: `from_id` and `to_id`,
 * each a FixedString(32) with shorter ids padded with zeros on the left, and `weight` UInt256.
 */
export function usageEdgesSql(receipts: Relation): Relation {
  return `(
    select
      ${paddedSql('consumer')} as from_id,
      ${paddedSql('arrayJoin(assets)')} as to_id,
      fee * toUInt256(intDiv(${USAGE_WEIGHT_SCALE}, length(assets))) as weight
    from ${receipts}
    where fee != 0
  )`
}

/** The provenance edges of links with the columns `child_id`, `parent_id` and `share_e8`, likewise. */
export function provenanceEdgesSql(links: Relation): Relation {
  return `(
    select
      ${paddedSql('child_id')} as from_id,
      ${paddedSql('parent_id')} as to_id,
      toUInt256(share_e8) as weight
    from ${links}
    where share_e8 != 0
  )`
}

/**
 * The distinct ids of edges, ascending, as RowBinary of one FixedString(32): what a node dictionary
 * takes.
 */
export function nodeIdsSql(edges: readonly Relation[]): string {
  return `select distinct arrayJoin([from_id, to_id]) as id
  from ${unionSql(edges)}
  order by id
  format RowBinary`
}

/**
 * The edges, one row per pair, as RowBinary of two FixedString(32) and a UInt128: what
 * `readIdEdges` takes. Fails when the weights of a pair pass 2^127.
 */
export function idEdgesSql(edges: readonly Relation[]): string {
  return `select from_id, to_id, ${summedSql('weight')}
  from ${unionSql(edges)}
  group by from_id, to_id
  order by to_id, from_id
  format RowBinary`
}

/**
 * The edges as numbers, by a relation of the nodes with the columns `id` FixedString(32) and `node`
 * UInt32: RowBinary of two UInt32 and a UInt128, what `readEdgeColumns` takes. Edges of unknown ids
 * are left out. Fails when the weights of a pair pass 2^127.
 */
export function numberedEdgesSql(edges: readonly Relation[], nodes: Relation): string {
  return `select source.node as source_node, target.node as target_node, pair.summed
  from (
    select from_id, to_id, ${summedSql('weight')} as summed
    from ${unionSql(edges)}
    group by from_id, to_id
  ) as pair
  inner join ${nodes} as source on source.id = pair.from_id
  inner join ${nodes} as target on target.id = pair.to_id
  order by target_node, source_node
  format RowBinary`
}

function unionSql(edges: readonly Relation[]): Relation {
  const selects = edges.map((relation) => `select from_id, to_id, weight from ${relation}`)
  return `(${selects.join(' union all ')})`
}

function paddedSql(id: string): string {
  return `toFixedString(leftPad(toString(${id}), 32, '\\0'), 32)`
}

/** The total is bounded in 256 bits before it is narrowed, since ClickHouse narrows by wrapping. */
function summedSql(weight: string): string {
  const bound = `bitShiftLeft(toUInt256(1), 127)`
  return `toUInt128(sum(${weight}) + throwIf(sum(${weight}) >= ${bound}, 'EDGE_WEIGHT_TOO_LARGE'))`
}

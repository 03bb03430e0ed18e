/**
 * Where SQL finds the canonical lines of one snapshot: a relation in parentheses, or a name, with the
 * text columns `table_name` and `line`.
 */
export type LinesRelation = string

/** lcm(1..16): one fee unit divided over up to 16 assets is a whole number of these. */
const USAGE_WEIGHT_SCALE = 720_720

/** The snapshot's assets: `asset_id`, `kind`, `holder`. */
export function assetRows(lines: LinesRelation): string {
  return `(
    select
      JSONExtractString(line, 'assetId') as asset_id,
      JSONExtractString(line, 'kind') as kind,
      JSONExtractString(line, 'holder') as holder
    from ${lines}
    where table_name = 'assets'
  )`
}

/** The receipts that carry a fee: `consumer`, `provider`, `fee`, `assets`. */
export function paidReceiptRows(lines: LinesRelation): string {
  return `(
    select
      JSONExtractString(line, 'consumer') as consumer,
      JSONExtractString(line, 'provider') as provider,
      toUInt256(JSONExtractString(line, 'fee')) as fee,
      JSONExtract(line, 'assets', 'Array(String)') as assets
    from ${lines}
    where table_name = 'receipts' and JSONExtractString(line, 'fee') != '0'
  )`
}

/** Usage edges consumer → asset, one row per pair: `from_id`, `to_id`, `weight`. */
export function usageEdgeRows(lines: LinesRelation): string {
  return `(
    select from_id, to_id, sum(part) as weight
    from (
      select
        consumer as from_id,
        arrayJoin(assets) as to_id,
        fee * toUInt256(intDiv(${USAGE_WEIGHT_SCALE}, length(assets))) as part
      from ${paidReceiptRows(lines)}
    )
    group by from_id, to_id
  )`
}

/** Provenance edges child → parent, one row per pair, no self loops: `from_id`, `to_id`, `weight`. */
export function provenanceEdgeRows(lines: LinesRelation): string {
  return `(
    select from_id, to_id, sum(share) as weight
    from (
      select
        JSONExtractString(line, 'childId') as from_id,
        JSONExtractString(line, 'parentId') as to_id,
        toUInt256(JSONExtractUInt(line, 'shareE8')) as share
      from ${lines}
      where table_name = 'edges'
    )
    where from_id != to_id and share > 0
    group by from_id, to_id
  )`
}

/** What each asset was used for, each fee divided over its assets to the unit: `asset_id`, `amount`. */
export function usageValueRows(lines: LinesRelation): string {
  return `(
    select place.1 as asset_id, sum(part) as amount
    from (
      select
        arrayJoin(arrayZip(assets, arrayEnumerate(assets))) as place,
        intDiv(fee, toUInt256(length(assets)))
          + if(place.2 <= fee % toUInt256(length(assets)), 1, 0) as part
      from ${paidReceiptRows(lines)}
    )
    group by asset_id
  )`
}

import {
  type Allocation,
  type AllocationPart,
  type EpochResult,
  FatalError,
  MEASURES,
  POOLS,
  type PoolResult,
  type Ruleset,
  type Score,
  WITHHELD_REASONS,
  type Withheld,
  compareIds,
  parseHex,
} from '@foggara/schema'

import { allocationsSql } from './allocation-sql.ts'
import { flowSql } from './flow-sql.ts'
import {
  type CappedPayee,
  type PoolInputs,
  withPayees,
  withPricedParts,
  workAndReviewRows,
} from './pool-sql.ts'
import { type RunPart, rankSql } from './rank-sql.ts'
import type { LinesRelation } from './snapshot-relations.ts'
import type { SqlRow } from './sql-session.ts'

/** Runs one read-only statement; integers of 64 bits and more come as text. */
export type SqlExecutor = (sql: string) => Promise<readonly unknown[]>

/** What SQL computes of an epoch: everything but hashes. */
export type SqlEpochResult = Pick<
  EpochResult,
  'scores' | 'pools' | 'parts' | 'withheld' | 'allocations'
>

/** Rounds of water-filling; each fixes at least one payee at its cap. */
const CAP_ROUNDS_MAX = 10_000

/** What a snapshot says besides its lines, as far as SQL needs it. */
export type SqlEpochHeader = { readonly ruleset: Ruleset; readonly budget: bigint }

/** How deep a statement recurses where nobody has changed the setting: 1000, one of which is empty. */
const RECURSION_DEPTH_MAX = 999

/**
 * Computes the scores of a snapshot in ClickHouse, from its canonical lines alone: the second,
 * independent implementation that `verify` compares with.
 *
 * A run of more than `depthMax` iterations or steps takes several statements, each of which starts
 * from the answer of the one before: a user who may only read cannot raise the limit of recursion.
 */
export async function computeScoresSql(
  execute: SqlExecutor,
  lines: LinesRelation,
  ruleset: Ruleset,
  depthMax: number = RECURSION_DEPTH_MAX,
): Promise<readonly Score[]> {
  const rank = await runInParts(execute, ruleset.rank.iterationCount, depthMax, (part) =>
    rankSql(lines, ruleset.rank, part),
  )
  const flow = await runInParts(execute, ruleset.flow.stepCountMax, depthMax, (part) =>
    flowSql(lines, ruleset.flow, part),
  )
  const others = await execute(`select measure, id, score from ${workAndReviewRows(lines)}`)
  const rows = [
    ...rank.map((row) => scoreOf(row, 'rank')),
    ...flow.map((row) => scoreOf(row, 'flow')),
    ...others.map((row) => scoreOf(row, undefined)),
  ]
  return rows.toSorted((a, b) => compareIds(a.measure, b.measure) || compareIds(a.id, b.id))
}

/**
 * Computes pools, parts and allocations of a snapshot in ClickHouse from its lines and `scores`, a
 * relation with `measure`, `id` and `score`.
 */
export async function computeRewardsSql(
  execute: SqlExecutor,
  lines: LinesRelation,
  scores: string,
  header: SqlEpochHeader,
): Promise<Omit<SqlEpochResult, 'scores'>> {
  const inputs: PoolInputs = { lines, scores, ruleset: header.ruleset, budget: header.budget }
  const capped = await cappedPayees(execute, inputs)
  const priced = withPricedParts(inputs, capped)
  const pools = await execute(`${priced} ${POOL_TOTALS}`)
  const partRows = await execute(
    `${priced}
    select account, pool, source_id as "sourceId", part as "score", amount, reason
    from priced
    order by account, pool, source_id`,
  )
  const allocations = await execute(
    `${priced} ${allocationsSql(lines, EARNINGS, header.ruleset.payoutMin)}`,
  )
  const parts = partRows.map(partOf)
  return {
    pools: pools.map(poolOf),
    parts: parts.flatMap(({ reason, ...part }) => (reason === undefined ? [part] : [])),
    withheld: parts
      .flatMap(({ reason, ...part }) => (reason === undefined ? [] : [{ ...part, reason }]))
      .toSorted((a, b) => compareIds(a.reason, b.reason)),
    allocations: allocations.map(allocationOf),
  }
}

/** `scores` as a relation that {@link computeRewardsSql} can read. */
export function scoreLiteral(scores: readonly Score[]): string {
  const list = scores.map(({ measure, id, score }) => `('${measure}', '${id}', '${score}')`)
  const items =
    list.length === 0 ? `cast([] as Array(Tuple(String, String, String)))` : `[${list.join(', ')}]`
  return `(
    select item.1 as measure, item.2 as id, toUInt256(item.3) as score
    from (select arrayJoin(${items}) as item)
  )`
}

async function runInParts(
  execute: SqlExecutor,
  countMax: number,
  depthMax: number,
  statement: (part: RunPart) => string,
): Promise<readonly unknown[]> {
  let former: readonly SqlRow[] = []
  for (let first = 0; ; first += depthMax) {
    const end = Math.min(first + depthMax, countMax)
    const rows = await execute(statement({ first, end, former }))
    former = rows.filter(isRow)
    const [row] = former
    const hasEnded = row === undefined || ('steps' in row && integer(row, 'steps') < end)
    if (end === countMax || hasEnded) return rows
  }
}

function isRow(row: unknown): row is SqlRow {
  return typeof row === 'object' && row !== null
}

async function cappedPayees(execute: SqlExecutor, inputs: PoolInputs): Promise<CappedPayee[]> {
  const capped: CappedPayee[] = []
  for (let round = 0; round < CAP_ROUNDS_MAX; round++) {
    const over = await execute(
      `${withPayees(inputs, capped)}
      select pool, account, reason from payee where is_over order by pool, account, reason`,
    )
    if (over.length === 0) return capped
    for (const row of over) {
      const [pool, account, reason] = [text(row, 'pool'), text(row, 'account'), text(row, 'reason')]
      capped.push({ pool: word(POOLS, pool), account: parseHex(account, 20, 'account'), reason })
    }
  }
  throw new SqlRowError('an end of the capping rounds', CAP_ROUNDS_MAX)
}

const EARNINGS = `(select account, amount from priced where reason = '')`

const POOL_TOTALS = `
  select
    pool_list.pool as "pool", pool_list.bps as "bps", pool_list.amount as "amount",
    given_out.earned as "earned", given_out.withheld as "withheld",
    toUInt256(pool_list.amount - given_out.earned - given_out.withheld) as "unallocated"
  from pool_list
  left join (
    select pool,
      sumIf(amount, reason = '') as earned,
      sumIf(amount, reason != '') as withheld
    from priced
    group by pool
  ) as given_out on given_out.pool = pool_list.pool
  order by indexOf([${POOLS.map((pool) => `'${pool}'`).join(', ')}], pool_list.pool)`

function scoreOf(row: unknown, measure: 'rank' | 'flow' | undefined): Score {
  const id = text(row, 'id')
  return {
    measure: measure ?? word(MEASURES, text(row, 'measure')),
    id: parseHex(id, id.length === 42 ? 20 : 32, 'id'),
    score: integer(row, 'score'),
  }
}

function partOf(
  row: unknown,
): AllocationPart & { readonly reason: Withheld['reason'] | undefined } {
  const sourceId = text(row, 'sourceId')
  const reason = text(row, 'reason')
  return {
    account: parseHex(text(row, 'account'), 20, 'account'),
    pool: word(POOLS, text(row, 'pool')),
    sourceId: parseHex(sourceId, sourceId.length === 42 ? 20 : 32, 'sourceId'),
    score: integer(row, 'score'),
    amount: integer(row, 'amount'),
    reason: reason === '' ? undefined : word(WITHHELD_REASONS, reason),
  }
}

function poolOf(row: unknown): PoolResult {
  return {
    pool: word(POOLS, text(row, 'pool')),
    bps: Number(integer(row, 'bps')),
    amount: integer(row, 'amount'),
    earned: integer(row, 'earned'),
    withheld: integer(row, 'withheld'),
    unallocated: integer(row, 'unallocated'),
  }
}

function allocationOf(row: unknown): Allocation {
  return {
    account: parseHex(text(row, 'account'), 20, 'account'),
    earned: integer(row, 'earned'),
    carryBefore: integer(row, 'carryBefore'),
    carryAfter: integer(row, 'carryAfter'),
    paid: integer(row, 'paid'),
    cumulative: integer(row, 'cumulative'),
  }
}

function field(row: unknown, name: string): unknown {
  return typeof row === 'object' && row !== null
    ? new Map<string, unknown>(Object.entries(row)).get(name)
    : undefined
}

function text(row: unknown, name: string): string {
  const value = field(row, name)
  if (typeof value !== 'string') throw new SqlRowError(`text in ${name}`, value)
  return value
}

function integer(row: unknown, name: string): bigint {
  const value = field(row, name)
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
  if (typeof value !== 'string' || !/^(0|[1-9][0-9]*)$/.test(value)) {
    throw new SqlRowError(`a whole number in ${name}`, value)
  }
  return BigInt(value)
}

function word<const Word extends string>(words: readonly Word[], found: string): Word {
  const known = words.find((candidate) => candidate === found)
  if (known === undefined) throw new SqlRowError(`one of ${words.join(', ')}`, found)
  return known
}

/** The database answers a generated statement with rows of another shape. */
export class SqlRowError extends FatalError {
  constructor(expected: string, found: unknown) {
    super('SQL_ROW_MALFORMED', `expected ${expected}, found ${JSON.stringify(found)}`)
  }
}

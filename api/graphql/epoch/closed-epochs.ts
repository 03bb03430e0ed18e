import {
  type Reason,
  type SourceExplainer,
  explainerOf,
  headerFromManifest,
  snapshotFromLines,
} from '@foggara/gpu-analytics'
import {
  FatalError,
  type Hex,
  type Manifest,
  type Pin,
  type Pool,
  parseBytes32,
  parseHex,
  pinnedRelations,
} from '@foggara/schema'

import type { Reader } from '../../sql/reader.ts'
import type { Row } from '../../sql/row.ts'
import type { Statement } from '../../sql/statement.ts'

/** Explains amounts of closed epochs down to receipts; keeps the newest epochs asked for. */
export type EpochExplainers = {
  /** What an amount of a source in a pool goes back to; the reasons sum to it. */
  reasons(from: Reader, epoch: number, part: ExplainedPart): Promise<readonly Reason[]>
}

/** The part of an allocation to explain. */
export type ExplainedPart = {
  readonly pool: Pool
  readonly sourceId: Hex
  readonly amount: bigint
}

const EPOCH_COUNT_MAX = 3

/** Explainers that are shared by all requests: a closed epoch never changes. */
export function createEpochExplainers(): EpochExplainers {
  const kept = new Map<string, Promise<SourceExplainer>>()
  const perReader = new WeakMap<Reader, Map<number, Promise<SourceExplainer>>>()
  const resolve = async (from: Reader, epoch: number): Promise<SourceExplainer> => {
    const [header] = await from.rows(headerStatement(from.pin, epoch))
    if (header === undefined) throw new EpochNotClosedError(epoch)
    const key = String(header['manifestHash'])
    const explainer = kept.get(key) ?? prepare(from, epoch, header)
    kept.delete(key)
    kept.set(key, explainer)
    explainer.catch(() => kept.delete(key))
    for (const oldest of kept.keys()) {
      if (kept.size > EPOCH_COUNT_MAX) kept.delete(oldest)
    }
    return explainer
  }
  return {
    async reasons(from, epoch, part) {
      const epochs = perReader.get(from) ?? new Map<number, Promise<SourceExplainer>>()
      perReader.set(from, epochs)
      const explainer = epochs.get(epoch) ?? resolve(from, epoch)
      epochs.set(epoch, explainer)
      return (await explainer)(part.pool, part.sourceId, part.amount)
    },
  }
}

async function prepare(from: Reader, epoch: number, header: Row): Promise<SourceExplainer> {
  const [lines, scores] = await Promise.all([
    from.rows(linesStatement(from.pin, epoch)),
    from.rows(rankStatement(from.pin, epoch)),
  ])
  const byTable = Map.groupBy(lines, (row) => String(row['tableName']))
  const tables = Object.fromEntries(
    [...byTable].map(([name, rows]) => [name, rows.map((row) => String(row['line']))]),
  )
  const manifest: Manifest = JSON.parse(String(header['manifest']))
  const snapshot = snapshotFromLines(
    headerFromManifest(manifest, String(header['ruleset'])),
    tables,
  )
  const ranks = scores.map(
    (row) => [idOf(String(row['id'])), BigInt(String(row['score']))] as const,
  )
  return explainerOf(snapshot, new Map(ranks))
}

function idOf(text: string): Hex {
  return text.length === 42 ? parseHex(text, 20, 'score') : parseBytes32(text, 'score')
}

function headerStatement(pin: Pin, epoch: number): Statement {
  const from = pinnedRelations(pin)
  return {
    sql: `select closed.manifest as "manifest", lower(hex(closed.manifest_hash)) as "manifestHash",
      (select any(json) from ${from.relation('ruleset')} as published
        where published.version in (
          select ruleset_version from ${from.relation('closed_epoch')} where epoch = {epoch:UInt32}
        )) as "ruleset"
      from ${from.relation('closed_epoch')} as closed
      where closed.epoch = {epoch:UInt32} and closed.cutoff_block <= ${pin.block}`,
    parameters: { epoch },
  }
}

function linesStatement(pin: Pin, epoch: number): Statement {
  const from = pinnedRelations(pin)
  return {
    sql: `select table_name as "tableName", line as "line"
      from ${from.relation('snapshot_line')}
      where epoch = {epoch:UInt32}
      order by table_name, position`,
    parameters: { epoch },
    limits: 'export',
  }
}

function rankStatement(pin: Pin, epoch: number): Statement {
  const from = pinnedRelations(pin)
  return {
    sql: `select id as "id", score as "score" from ${from.relation('score')}
      where epoch = {epoch:UInt32} and measure = 'rank' order by id`,
    parameters: { epoch },
    limits: 'export',
  }
}

/** An epoch that should be explained is not closed at the block. */
export class EpochNotClosedError extends FatalError {
  constructor(epoch: number) {
    super('EPOCH_NOT_CLOSED', `epoch ${epoch}: expected a closed epoch at the block, found none`)
  }
}

import {
  type Reason,
  type SourceExplainer,
  encodeGraph,
  epochRankProblem,
  explainerOf,
  headerFromManifest,
  rankDigest,
  snapshotFromLines,
  usageOf,
} from '@foggara/gpu-analytics'
import {
  FatalError,
  type Hex,
  type Manifest,
  type Pin,
  type Pool,
  SCORE_MASS,
  type Snapshot,
  parseBytes32,
  parseHex,
  pinnedRelations,
  sum,
} from '@foggara/schema'

import type { Reader } from '../../sql/reader.ts'
import type { Row } from '../../sql/row.ts'
import type { Statement } from '../../sql/statement.ts'

/** What closed epochs were computed from, read once; keeps the newest epochs asked for. */
export type ClosedEpochs = {
  /** What an amount of a source in a pool goes back to; the reasons sum to it. */
  reasons(from: Reader, epoch: number, part: ExplainedPart): Promise<readonly Reason[]>
  /** The graph that the ranks came from, to compute them again elsewhere. */
  rankGraph(from: Reader, epoch: number): Promise<RankGraph>
}

/** The part of an allocation to explain. */
export type ExplainedPart = {
  readonly pool: Pool
  readonly sourceId: Hex
  readonly amount: bigint
}

/** The rank problem of a closed epoch as a download. */
export type RankGraph = {
  /** In the compressed form of `encodeGraph`. */
  readonly bytes: Uint8Array
  readonly nodeCount: number
  readonly edgeCount: number
  readonly iterationCount: number
  /** The digest of the stored ranks: what a recomputation must give. */
  readonly digest: Hex
  readonly manifestHash: Hex
}

/** Where the rank graph of an epoch can be downloaded. */
export function rankGraphPath(epoch: number | string): string {
  return `/epochs/${epoch}/rank-graph.bin`
}

type ClosedEpoch = {
  readonly explain: SourceExplainer
  readonly rankGraph: () => RankGraph
}

const EPOCH_COUNT_MAX = 3

/** Closed epochs that are shared by all requests: a closed epoch never changes. */
export function createClosedEpochs(): ClosedEpochs {
  const kept = new Map<string, Promise<ClosedEpoch>>()
  const perReader = new WeakMap<Reader, Map<number, Promise<ClosedEpoch>>>()
  const resolve = async (from: Reader, epoch: number): Promise<ClosedEpoch> => {
    const [header] = await from.rows(headerStatement(from.pin, epoch))
    if (header === undefined) throw new EpochNotClosedError(epoch)
    const key = String(header['manifestHash'])
    const closed = kept.get(key) ?? prepare(from, epoch, header)
    kept.delete(key)
    kept.set(key, closed)
    closed.catch(() => kept.delete(key))
    for (const oldest of kept.keys()) {
      if (kept.size > EPOCH_COUNT_MAX) kept.delete(oldest)
    }
    return closed
  }
  const closedEpoch = (from: Reader, epoch: number): Promise<ClosedEpoch> => {
    const epochs = perReader.get(from) ?? new Map<number, Promise<ClosedEpoch>>()
    perReader.set(from, epochs)
    const closed = epochs.get(epoch) ?? resolve(from, epoch)
    epochs.set(epoch, closed)
    return closed
  }
  return {
    async reasons(from, epoch, part) {
      const { explain } = await closedEpoch(from, epoch)
      return explain(part.pool, part.sourceId, part.amount)
    },
    async rankGraph(from, epoch) {
      const { rankGraph } = await closedEpoch(from, epoch)
      return rankGraph()
    },
  }
}

async function prepare(from: Reader, epoch: number, header: Row): Promise<ClosedEpoch> {
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
  const ranks = new Map(
    scores.map((row) => [idOf(String(row['id'])), BigInt(String(row['score']))] as const),
  )
  const manifestHash = parseBytes32(`0x${String(header['manifestHash'])}`)
  let graph: RankGraph | undefined
  return {
    explain: explainerOf(snapshot, ranks),
    rankGraph: () => (graph ??= rankGraphOf(snapshot, ranks, manifestHash)),
  }
}

/** The problem's graph in the order of its ids, with the digest of the ranks that are stored. */
function rankGraphOf(
  snapshot: Snapshot,
  ranks: ReadonlyMap<string, bigint>,
  manifestHash: Hex,
): RankGraph {
  const problem = epochRankProblem(snapshot, usageOf(snapshot))
  const { iterationCount } = snapshot.ruleset.rank
  const scores = BigUint64Array.from(problem.graph.ids, (id) => ranks.get(id) ?? 0n)
  return {
    bytes: encodeGraph(problem),
    nodeCount: problem.graph.nodeCount,
    edgeCount: problem.graph.sources.length,
    iterationCount,
    digest: rankDigest({ scores, dust: SCORE_MASS - sum(scores), iterationCount }),
    manifestHash,
  }
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

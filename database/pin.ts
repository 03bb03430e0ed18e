import {
  type Hex,
  type Pin,
  RetryableError,
  type StreamPin,
  hexLiteral,
  pinnedRelations,
} from '@foggara/schema'

import type { ClickHouseClient } from './client.ts'
import { queryRows } from './statements.ts'

/**
 * Resolves the newest consistent cut: one commit of every stream and the newest visible block.
 *
 * Resolve it once per request and read everything at it. It stays readable for at least a minute,
 * however many commits, reorgs and settlements follow.
 *
 * @throws {BlockNotIndexedError} while nothing is indexed.
 */
export async function currentPin(client: ClickHouseClient): Promise<Pin> {
  const cut = await readCut(client)
  return pinBlock(client, cut, `block = ${cut.head.block}`, 'the newest block')
}

/**
 * The newest cut, seen as of an earlier block.
 *
 * @throws {BlockNotIndexedError} when the block is not in the indexed range.
 */
export async function pinAt(client: ClickHouseClient, block: number): Promise<Pin> {
  const cut = await readCut(client)
  const condition = Number.isSafeInteger(block) && block >= 0 ? `block = ${block}` : 'false'
  return pinBlock(client, cut, condition, `block ${block}`)
}

/**
 * The newest cut, seen as of the block with this hash.
 *
 * @throws {BlockNotIndexedError} when no block of the indexed chain has it.
 */
export async function pinAtHash(client: ClickHouseClient, hash: Hex): Promise<Pin> {
  const cut = await readCut(client)
  return pinBlock(client, cut, `hash = ${hexLiteral(hash)}`, `block ${hash}`)
}

/** A cut that does not know its block's time yet. */
type Cut = Omit<Pin, 'block' | 'blockHash' | 'blockSeconds'> & {
  readonly head: { readonly block: number }
}

/**
 * The floors say up to which commit everything that commits killed is deleted, so that the log need
 * not be read from its beginning: only newer commits are looked at.
 *
 * The order of the two reads makes the cut consistent. A settlement is read before the commits: the
 * hot rows above it stay for at least a minute after the next one. All commits are read by one
 * query, which sees one state of the log.
 */
async function readCut(client: ClickHouseClient): Promise<Cut> {
  const [floor] = await queryRows<FloorRow>(client, FLOOR_SQL)
  const commits = await queryRows<CommitRow>(
    client,
    `select stream, commit_seq, last_block, notEmpty(block_hashes) as has_blocks, kills
    from commits
    where commit_seq > multiIf(
      stream = 'chain', {chain:UInt64},
      stream = 'receipt', {receipt:UInt64},
      stream = 'epoch', {epoch:UInt64},
      0
    )
    order by stream, commit_seq`,
    { chain: floor?.chain ?? 0, receipt: floor?.receipt ?? 0, epoch: floor?.epoch ?? 0 },
  )
  const settledBlock = Number(floor?.settled_block ?? -1)
  const chain = streamPin(commits, 'chain', Number(floor?.chain ?? 0))
  const killed = new Set(chain.killed)
  const newest = commits.findLast(
    (row) => row.stream === 'chain' && row.has_blocks === 1 && !killed.has(Number(row.commit_seq)),
  )
  return {
    head: { block: newest === undefined ? settledBlock : Number(newest.last_block) },
    settledBlock,
    chain,
    receipt: streamPin(commits, 'receipt', Number(floor?.receipt ?? 0)),
    epoch: streamPin(commits, 'epoch', Number(floor?.epoch ?? 0)),
  }
}

const FLOOR_SQL = `select
    if(count() = 0, -1, toInt64(max(boundary_block))) as settled_block,
    (select max(toUInt64(value)) from status where key = 'collected:chain') as chain,
    (select max(toUInt64(value)) from status where key = 'collected:receipt') as receipt,
    (select max(toUInt64(value)) from status where key = 'collected:epoch') as epoch
  from settlement`

function streamPin(commits: readonly CommitRow[], stream: string, floorSeq: number): StreamPin {
  const own = commits.filter((row) => row.stream === stream)
  const killed = own.flatMap((row) => row.kills.map(Number))
  return {
    commitSeq: own.reduce((last, row) => Math.max(last, Number(row.commit_seq)), floorSeq),
    killed: [...new Set(killed)].toSorted((a, b) => a - b),
  }
}

async function pinBlock(
  client: ClickHouseClient,
  { head, ...cut }: Cut,
  condition: string,
  what: string,
): Promise<Pin> {
  const unresolved = { block: head.block, blockHash: '0x' as const, blockSeconds: 0 }
  const blocks = pinnedRelations({ ...cut, ...unresolved }).relation('block')
  const [row] =
    head.block < 0
      ? []
      : await queryRows<BlockRow>(
          client,
          `select block, concat('0x', lower(hex(hash))) as hash_text, at_seconds
          from ${blocks}
          where ${condition}
          limit 1`,
        )
  if (row === undefined) throw new BlockNotIndexedError(what, head.block)
  return {
    block: Number(row.block),
    blockHash: row.hash_text,
    blockSeconds: Number(row.at_seconds),
    ...cut,
  }
}

type FloorRow = {
  readonly settled_block: string
  readonly chain: string
  readonly receipt: string
  readonly epoch: string
}

type CommitRow = {
  readonly stream: string
  readonly commit_seq: string
  readonly last_block: string
  readonly has_blocks: number
  readonly kills: readonly string[]
}

type BlockRow = { readonly block: string; readonly hash_text: Hex; readonly at_seconds: string }

/** A query is pinned to a block that the index does not hold (yet). */
export class BlockNotIndexedError extends RetryableError {
  constructor(what: string, headBlock: number) {
    const found = headBlock < 0 ? 'an empty index' : `an index that ends at block ${headBlock}`
    super('BLOCK_NOT_INDEXED', `${what}: expected an indexed block, found ${found}`, {
      hint: 'Ask for a block from the deployment up to the indexed head; one that was indexed before may have been replaced by a reorganisation.',
    })
  }
}

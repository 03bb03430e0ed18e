import { type ClickHouseClient, command, queryRows } from '@foggara/database'
import { type Column, type Hex, FoggaraError } from '@foggara/schema'

import { insertTable } from '../../store/insert.ts'
import type { Row } from '../../store/row-binary.ts'
import type { ChainBlock } from '../chain-source.ts'
import { bytesText } from '../entity-cache/entity.ts'
import type { CallAnswer, CallStore } from './cached-chain.ts'

/** Answers of contracts in a table, written behind. */
export type CallTable = CallStore & {
  /** Returns when everything that was kept so far is on disk, or was given up. */
  flush(): Promise<void>
}

/** What writing behind needs. */
export type CallTableOptions = {
  readonly client: ClickHouseClient
  readonly sleep: (durationMs: number) => Promise<void>
}

const TABLE = 'subgraph_call'
const COLUMNS: readonly Column[] = [
  { name: 'block', type: 'UInt64' },
  { name: 'block_hash', type: 'FixedString(32)' },
  { name: 'address', type: 'FixedString(20)' },
  { name: 'input', type: 'Bytes' },
  { name: 'output', type: 'Bytes' },
  { name: 'is_reverted', type: 'Bool' },
]
/** Rows of one call are equal, whoever wrote them: it does not matter which one merging keeps. */
const CREATE = `create table if not exists ${TABLE} (
  block UInt64,
  block_hash FixedString(32),
  address FixedString(20),
  input String,
  output String,
  is_reverted Bool
) engine = ReplacingMergeTree
order by (block, block_hash, address, input)`
/** Answers wait so long for others to be written with. */
const GATHER_MS = 500
const WAITING_ROWS_MAX = 10_000

/**
 * Opens the table `subgraph_call` of the client's database, which all subgraphs share. Dropping it
 * loses time only.
 */
export async function openCallTable({ client, sleep }: CallTableOptions): Promise<CallTable> {
  await command(client, CREATE)
  let waiting: Row[] = []
  let last = Promise.resolve()
  let isPlanned = false
  const write = async () => {
    const rows = waiting
    waiting = []
    if (rows.length === 0) return
    try {
      await insertTable(client, { table: TABLE, columns: COLUMNS, rows }, JSON.stringify(rows))
    } catch (error) {
      // What is not kept is asked for again.
      if (!(error instanceof FoggaraError)) throw error
    }
  }
  const flush = () => {
    last = last.then(write)
    return last
  }
  const writeSoon = async () => {
    isPlanned = true
    await sleep(GATHER_MS)
    isPlanned = false
    await flush()
  }
  return {
    read: async (block) => {
      const rows = await queryRows<{ address: Hex; input: Hex; output: Hex; reverted: number }>(
        client,
        `select
          concat('0x', hex(address)) as address,
          concat('0x', hex(input)) as input,
          concat('0x', hex(output)) as output,
          toUInt8(is_reverted) as reverted
        from ${TABLE}
        where block = {block:UInt64} and block_hash = unhex({hash:String})
        order by address, input
        limit 1 by address, input`,
        { block: block.number, hash: bytesText(block.hash).slice(2) },
      )
      return rows.map(({ address, input, output, reverted }) => ({
        call: { to: hexBytes(address), data: hexBytes(input) },
        value: reverted === 1 ? undefined : hexBytes(output),
      }))
    },
    keep: (block, answer) => {
      if (waiting.length >= WAITING_ROWS_MAX) return
      waiting.push(callRow(block, answer))
      if (!isPlanned) void writeSoon()
    },
    flush,
  }
}

function callRow(block: ChainBlock, { call, value }: CallAnswer): Row {
  return {
    block: block.number,
    block_hash: bytesText(block.hash),
    address: bytesText(call.to),
    input: bytesText(call.data),
    output: bytesText(value ?? new Uint8Array()),
    is_reverted: value === undefined,
  }
}

function hexBytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.slice(2), 'hex'))
}

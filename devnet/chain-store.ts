import { existsSync } from 'node:fs'
import { type FileHandle, mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

import { FatalError, type Hex } from '@foggara/schema'
import { bytesToHex, fromHex, hexToBytes, toHex } from 'viem'

import { BLOCK_STEP_SECONDS } from './clock.ts'
import type { Rpc, RpcCall } from './rpc.ts'

/**
 * A chain on disk: a checkpoint of the whole node, and a journal with the transactions of every
 * block since. The node's own state file is not used: it is written in place, so a kill leaves half
 * of it, and it is written anew as a whole each time.
 */
export type ChainStore = AsyncDisposable & {
  /**
   * Brings a fresh node to where the store ends; returns the number of that block, 0 for an empty
   * store.
   *
   * @throws {ChainStoreDivergedError} when the journal does not replay to the same hashes.
   */
  restore(rpc: Rpc): Promise<number>
  /** Journals what was mined since the last call; blocks are on disk when it is fulfilled. */
  record(rpc: Rpc): Promise<void>
  /** Writes a checkpoint and starts the journal anew. */
  checkpoint(rpc: Rpc): Promise<void>
}

/** Opens the store whose checkpoint is `file` and whose journal lies beside it. */
export async function openChainStore(file: string): Promise<ChainStore> {
  await mkdir(dirname(file), { recursive: true })
  const journalFile = `${file}.journal`
  let journal = await open(journalFile, 'a')
  let head: Head = { number: 0, hash: '0x' }
  let journaledCount = 0

  const checkpoint = async (rpc: Rpc): Promise<void> => {
    const dumped = (await rpc.request('anvil_dumpState')) as Hex
    head = await headOf(rpc)
    await replaceFile(file, hexToBytes(dumped))
    await journal.close()
    await replaceFile(journalFile, new Uint8Array())
    journal = await open(journalFile, 'a')
    journaledCount = 0
  }
  return {
    checkpoint,
    async restore(rpc) {
      if (existsSync(file)) await loadCheckpoint(rpc, await readFile(file))
      const { lines, byteLength } = parseJournal(await readFile(journalFile, 'utf8'))
      await journal.truncate(byteLength)
      for (const line of lines) await replay(rpc, line)
      head = await headOf(rpc)
      journaledCount = lines.length
      return head.number
    },
    async record(rpc) {
      const lines = await linesAfter(rpc, head)
      if (lines === 'reorganised') return checkpoint(rpc)
      for (const line of lines) await journal.appendFile(`${JSON.stringify(line)}\n`)
      await journal.datasync()
      journaledCount += lines.length
      const last = lines.at(-1)
      if (last !== undefined) head = { number: last.number, hash: last.hash }
      if (journaledCount >= JOURNAL_COUNT_MAX) await checkpoint(rpc)
    },
    async [Symbol.asyncDispose]() {
      await journal.close()
    },
  }
}

/** How many blocks are journaled before a checkpoint replaces them: it bounds a restart's replay. */
const JOURNAL_COUNT_MAX = 500

type Head = { readonly number: number; readonly hash: Hex }

type JournalLine = Head & {
  readonly parentHash: Hex
  readonly timestamp: number
  /** The signed transactions in the order of the block. */
  readonly transactions: readonly Hex[]
}

type RawBlock = {
  readonly number: Hex
  readonly hash: Hex
  readonly parentHash: Hex
  readonly timestamp: Hex
  readonly transactions: readonly Hex[]
}

async function headOf(rpc: Rpc): Promise<Head> {
  const block = (await rpc.request('eth_getBlockByNumber', 'latest', false)) as RawBlock
  return { number: fromHex(block.number, 'number'), hash: block.hash }
}

/** Loading a state leaves the node's clock at genesis: the next block's time is set by hand. */
async function loadCheckpoint(rpc: Rpc, bytes: Uint8Array): Promise<void> {
  await rpc.request('anvil_loadState', bytesToHex(bytes))
  const block = (await rpc.request('eth_getBlockByNumber', 'latest', false)) as RawBlock
  const next = fromHex(block.timestamp, 'number') + BLOCK_STEP_SECONDS
  await rpc.request('evm_setNextBlockTimestamp', next)
}

/** The whole lines of a journal; a line that a kill has cut short ends it. */
function parseJournal(text: string): {
  readonly lines: readonly JournalLine[]
  readonly byteLength: number
} {
  const end = text.lastIndexOf('\n') + 1
  const whole = text.slice(0, end)
  const lines = whole.split('\n').filter((line) => line !== '')
  return {
    lines: lines.map((line) => JSON.parse(line) as JournalLine),
    byteLength: Buffer.byteLength(whole),
  }
}

async function replay(rpc: Rpc, line: JournalLine): Promise<void> {
  const head = await headOf(rpc)
  if (line.number <= head.number) return
  if (line.parentHash !== head.hash) throw new ChainStoreDivergedError(line.number)
  await rpc.batch(line.transactions.map((raw): RpcCall => ['eth_sendRawTransaction', [raw]]))
  await rpc.request('evm_mine', { timestamp: line.timestamp })
  if ((await headOf(rpc)).hash !== line.hash) throw new ChainStoreDivergedError(line.number)
}

/** The blocks after `head`, unless they do not follow it. */
async function linesAfter(rpc: Rpc, head: Head): Promise<readonly JournalLine[] | 'reorganised'> {
  const latest = await headOf(rpc)
  if (latest.number < head.number) return 'reorganised'
  const lines: JournalLine[] = []
  let parentHash = head.hash
  for (let number = head.number; number <= latest.number; number += 1) {
    const block = (await rpc.request('eth_getBlockByNumber', toHex(number), false)) as RawBlock
    if (number === head.number) {
      if (block.hash !== head.hash) return 'reorganised'
      continue
    }
    if (block.parentHash !== parentHash) return 'reorganised'
    parentHash = block.hash
    const transactions = await rpc.batch(
      block.transactions.map((hash): RpcCall => ['eth_getRawTransactionByHash', [hash]]),
    )
    lines.push({
      number,
      hash: block.hash,
      parentHash: block.parentHash,
      timestamp: fromHex(block.timestamp, 'number'),
      transactions: transactions as readonly Hex[],
    })
  }
  return lines
}

/** Writes beside the file and renames: at any moment the old or the new bytes are there. */
async function replaceFile(file: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${file}.new`
  const written = await open(temporary, 'w')
  try {
    await written.writeFile(bytes)
    await written.sync()
  } finally {
    await written.close()
  }
  await rename(temporary, file)
  await syncDirectory(dirname(file))
}

async function syncDirectory(directory: string): Promise<void> {
  let opened: FileHandle | undefined
  try {
    opened = await open(directory, 'r')
    await opened.sync()
  } catch {
    // Some systems do not sync directories; the rename itself is atomic all the same.
  } finally {
    await opened?.close()
  }
}

/** The stored chain cannot be made again by this node. */
export class ChainStoreDivergedError extends FatalError {
  constructor(number: number) {
    super('CHAIN_STORE_DIVERGED', `expected the stored block ${number} to replay, found another`, {
      hint: 'Remove the state of the devnet (and what was indexed from it) to start a new chain.',
    })
  }
}

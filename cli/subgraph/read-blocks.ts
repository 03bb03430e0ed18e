import type { ChainBlock, RpcChain } from '@foggara/ingest'
import { FatalError, RetryableError } from '@foggara/schema'

/** So many blocks are asked for before they are needed. */
const AHEAD_COUNT = 16

/**
 * Reads blocks in ascending order, some of them ahead.
 *
 * @throws {ChainTooShortError | ChainReorganisedError} and what the RPC raises.
 */
export async function* readBlocks(
  chain: Pick<RpcChain, 'readBlock'>,
  numbers: readonly number[],
): AsyncGenerator<ChainBlock> {
  const ahead: Promise<ChainBlock | undefined>[] = []
  let before: ChainBlock | undefined
  for (const [index, number] of numbers.entries()) {
    for (const next of numbers.slice(index + ahead.length, index + AHEAD_COUNT)) {
      const reading = chain.readBlock(next)
      // One that is never awaited, because an earlier one failed, must not end the process.
      reading.catch(() => undefined)
      ahead.push(reading)
    }
    const block = await ahead.shift()
    if (block === undefined) throw new ChainTooShortError(number)
    if (before !== undefined && !isNext(block, before)) throw new ChainReorganisedError(number)
    before = block
    yield block
  }
}

/** Of blocks that do not touch nothing is known. */
function isNext(block: ChainBlock, before: ChainBlock): boolean {
  if (block.number !== before.number + 1) return true
  return Buffer.compare(before.hash, block.parentHash) === 0
}

/** The chain does not have a block, or no longer. */
export class ChainTooShortError extends RetryableError {
  constructor(number: number) {
    super('SUBGRAPH_BLOCK_MISSING', `expected block ${number} on the chain, found none`, {
      hint: 'Wait until the chain has it, or ask for an earlier one with --blocks FROM..TO.',
    })
  }
}

/** The chain dropped blocks that had run already. */
export class ChainReorganisedError extends RetryableError {
  constructor(number: number) {
    super(
      'SUBGRAPH_POSSIBLE_REORG',
      `expected block ${number} on top of the one before, found a block of another branch`,
      { hint: 'Run it again, or up to a final block with --blocks ..TO.' },
    )
  }
}

/** The first block of a subgraph lies above the last one that was asked for. */
export class RangeEmptyError extends FatalError {
  constructor(folder: string, first: number, last: number) {
    super(
      'SUBGRAPH_RANGE_EMPTY',
      `${folder}: expected a last block from ${first} on, where it starts, found ${last}`,
    )
  }
}

import { plainLogs, type Rpc, type Subgraph, type SubgraphRunner } from '@foggara/ingest'
import { FoggaraError, RetryableError } from '@foggara/schema'
import { numberToHex } from 'viem'

/** What decides which blocks a subgraph has to see. */
export type BlockNeeds = {
  readonly subgraph: Subgraph
  readonly interests: ReturnType<SubgraphRunner['interests']>
}

/** A stretch of a chain, and the blocks in it that matter. */
export type BlockStretch = {
  readonly numbers: readonly number[]
  /** The last block of the stretch. */
  readonly end: number
}

/** Finds the next stretch from a block on, for what subgraphs need at this moment. */
export type BlockPlan = (from: number, needs: readonly BlockNeeds[]) => Promise<BlockStretch>

const STRETCH_COUNT_MAX = 2000
const ADDRESS_COUNT_MAX = 500

/**
 * Leaves out blocks in which nothing can run: no log that a subgraph wants and no block handler. The
 * last block and those from `firstShown` on are never left out.
 */
export function planBlocks(
  rpc: Pick<Rpc, 'call'>,
  { firstShown, last }: { readonly firstShown: number; readonly last: number },
): BlockPlan {
  let stretchCount = STRETCH_COUNT_MAX
  return async (from, needs) => {
    for (;;) {
      const end = Math.min(last, from + stretchCount - 1)
      const all = Array.from({ length: end - from + 1 }, (_, index) => from + index)
      const isWanted = (number: number): boolean =>
        number === last || number >= firstShown || hasBlockHandler(needs, number)
      if (all.every(isWanted)) return { numbers: all, end }
      try {
        const withLogs = await blocksWithLogs(rpc, { from, end }, needs)
        const numbers = all.filter((number) => isWanted(number) || withLogs.has(number))
        return { numbers, end }
      } catch (error) {
        if (!isRangeTooLarge(error) || stretchCount === 1) throw error
        stretchCount = Math.ceil(stretchCount / 4)
      }
    }
  }
}

function hasBlockHandler(needs: readonly BlockNeeds[], number: number): boolean {
  return needs.some(({ subgraph: { sources, templates } }) => {
    const filters = templates.flatMap(({ blockHandlers }) => blockHandlers)
    if (filters.some(({ filter }) => filter.type !== 'once')) return true
    return sources.some(({ startBlock, blockHandlers }) =>
      blockHandlers.some(({ filter }) => {
        if (filter.type === 'once') return number === startBlock
        if (number < startBlock) return false
        return filter.type === 'every' || (number - startBlock) % filter.blockCount === 0
      }),
    )
  })
}

async function blocksWithLogs(
  rpc: Pick<Rpc, 'call'>,
  range: { readonly from: number; readonly end: number },
  needs: readonly BlockNeeds[],
): Promise<ReadonlySet<number>> {
  const interests = needs
    .flatMap((need) => need.interests)
    .filter(({ topics }) => topics.length > 0)
  if (interests.length === 0) return new Set()
  const addresses = new Set(interests.map(({ address }) => address))
  const isNarrow = !addresses.has(undefined) && addresses.size <= ADDRESS_COUNT_MAX
  const answer = await rpc.call('eth_getLogs', [
    {
      fromBlock: numberToHex(range.from),
      toBlock: numberToHex(range.end),
      topics: [[...new Set(interests.flatMap(({ topics }) => topics))]],
      ...(isNarrow ? { address: [...addresses] } : {}),
    },
  ])
  const logs = plainLogs(answer)
  if (!Array.isArray(logs)) throw new LogsMalformedError(logs)
  return new Set(logs.map(blockNumberOf))
}

function blockNumberOf(log: unknown): number {
  const number: unknown =
    typeof log === 'object' && log !== null && 'blockNumber' in log ? log.blockNumber : undefined
  if (typeof number === 'string' && /^0x[0-9a-f]{1,12}$/i.test(number)) return Number(number)
  throw new LogsMalformedError(log)
}

function isRangeTooLarge(error: unknown): boolean {
  return error instanceof FoggaraError && error.code === 'RPC_RANGE_TOO_LARGE'
}

/** The chain's answer to where logs are makes no sense. */
export class LogsMalformedError extends RetryableError {
  constructor(found: unknown) {
    const shown = JSON.stringify(found)?.slice(0, 60) ?? 'nothing'
    super('RPC_RESPONSE_INVALID', `expected logs with their blocks, found ${shown}`)
  }
}

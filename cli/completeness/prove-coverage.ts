import { currentPin, queryRows } from '@foggara/database'
import { openRpcPool, proveBlocks } from '@foggara/ingest'

import { OptionMalformedError } from '../arguments.ts'
import type { BlockSpan } from '../block-span.ts'
import type { Context, OptionValues } from '../command.ts'
import { loadConfig } from '../config.ts'
import { chainToAsk } from '../service/chain-to-ask.ts'
import { openDatabaseToWrite } from '../service/open-database.ts'
import { surroundingsOf } from '../service/surroundings.ts'

const DIFFERENCES_SHOWN = 20

/** Which blocks `--prove` names: `all` that are settled, or those from one to another. */
export function proveOption(text: string): BlockSpan | 'all' {
  if (text === 'all') return 'all'
  const [, from, to] = /^(\d{1,15})-(\d{1,15})$/.exec(text) ?? []
  const span = { firstBlock: Number(from), lastBlock: Number(to) }
  if (to === undefined || span.firstBlock > span.lastBlock) {
    throw new OptionMalformedError('--prove', 'all, or two blocks as FROM-TO', text)
  }
  return span
}

/**
 * Runs `foggara coverage --prove`: 1 when stored logs differ from what the chain proves.
 *
 * @throws {ProofNotSettledError | ChainUnknownError}
 */
export async function proveCoverage(
  asked: BlockSpan | 'all',
  options: OptionValues,
  context: Context,
): Promise<number> {
  const config = await loadConfig(options, context)
  const { rpcUrls, deployment } = await chainToAsk(config, context)
  await using database = await openDatabaseToWrite(config, context.directory, () => undefined)
  const { client } = database
  const surroundings = surroundingsOf(context, context.stopped)
  const rpc = openRpcPool({ urls: rpcUrls, chainId: deployment.chainId, ...surroundings })
  await rpc.checkChain()
  const pin = await currentPin(client)
  const [row] = await queryRows<{ first: string }>(
    client,
    'select min(block) as first from block_settled',
  )
  const all = { firstBlock: Number(row?.first ?? 0), lastBlock: pin.settledBlock }
  const report = await proveBlocks({
    client,
    rpc,
    deployment,
    pin,
    ...(asked === 'all' ? all : asked),
    signal: context.stopped,
    onProgress: ({ provenCount }) => context.warn(`${provenCount} blocks proven`),
  })
  const { provenCount, unprovableCount, differences } = report
  for (const { code, message } of differences.slice(0, DIFFERENCES_SHOWN)) {
    context.warn(`${code} ${message}`)
  }
  const [first] = differences
  if (first?.hint !== undefined) context.warn(`  hint: ${first.hint}`)
  context.print(
    `proven ${provenCount}, different ${differences.length}, of another form of header ${unprovableCount}`,
  )
  if (differences.length > 0) return 1
  return context.stopped.aborted ? 130 : 0
}

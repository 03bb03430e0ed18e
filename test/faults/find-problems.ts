import { type ClickHouseClient, queryRows } from '@foggara/database'

import type {
  RpcLog,
  SimulatedBlock,
  SimulatedChain,
} from '../../ingest/simulation/simulated-chain.ts'

/**
 * Compares what readers see with the chain: blocks of another fork or missing between others, logs
 * that are there twice, made up, or missing from a block that is not listed as unproven. `logsOf` are
 * those of a block that should be there; the contracts' own if absent.
 */
export async function findProblems(
  client: ClickHouseClient,
  chain: SimulatedChain,
  logsOf: (block: SimulatedBlock) => readonly RpcLog[] = ({ logs }) => logs,
): Promise<readonly string[]> {
  const blocks = await queryRows<{ block: string; hash: string; evidence: string }>(
    client,
    `select
      block,
      concat('0x', lower(hex(hash))) as hash,
      evidence
    from block
    order by block`,
  )
  const evidence = new Map(blocks.map((row) => [Number(row.block), row.evidence]))
  const problems: string[] = []
  for (const [index, row] of blocks.entries()) {
    const number = Number(row.block)
    if (number !== index + 1) problems.push(`block ${number} stands where ${index + 1} should`)
    if (chain.blocks()[number]?.hash !== row.hash) problems.push(`block ${number} of another fork`)
  }
  const logs = await queryRows<{ key: string; times: string }>(
    client,
    `select
      concat(
        toString(block), ' ', toString(log_index), ' 0x', lower(hex(address)), ' 0x',
        lower(hex(payload)), ' ', arrayStringConcat(arrayMap(x -> lower(hex(x)), topics), ',')
      ) as key,
      count() as times
    from log
    group by key
    order by key`,
  )
  const stored = new Set(logs.map(({ key }) => key))
  for (const { key, times } of logs) {
    if (times !== '1') problems.push(`${times} times: log ${key.slice(0, 60)}`)
  }
  const real = new Set<string>()
  for (const block of chain.blocks()) {
    for (const log of logsOf(block)) {
      const topics = log.topics.map((topic) => topic.slice(2)).join(',')
      const place = `${block.number} ${Number(log['logIndex'])}`
      const key = `${place} ${log.address} ${log.data} ${topics}`
      real.add(key)
      const known = evidence.get(block.number)
      if (known !== undefined && known !== 'trusted' && known !== 'quorum' && !stored.has(key)) {
        problems.push(`silent hole: log ${place}, though its block is ${known}`)
      }
    }
  }
  for (const key of stored) if (!real.has(key)) problems.push(`made up: log ${key.slice(0, 60)}`)
  return problems
}

import { existsSync } from 'node:fs'
import path from 'node:path'

import { auditStorage, queryRows } from '@foggara/database'
import { CONTRACT_NAMES, accumulatorAbi } from '@foggara/schema'
import { decodeFunctionResult, encodeFunctionData } from 'viem'

import type { Context } from '../command.ts'
import type { Config } from '../config.ts'
import { callRpc, checkChainId } from '../service/check-rpc.ts'
import { parseDeployment, readDeployment } from '../service/deployment-file.ts'
import { openDatabaseToRead } from '../service/open-database.ts'
import { readRunning } from '../service/running-file.ts'
import type { Check } from './finding.ts'

/** What database and chain must give. */
export function serviceChecks(config: Config, context: Context): readonly Check[] {
  return [
    { what: 'database', run: () => checkDatabase(config, context) },
    { what: 'chain', run: () => checkChain(config, context) },
  ]
}

async function checkDatabase(config: Config, context: Context) {
  const own = path.resolve(context.directory, config.dataDirectory, 'database')
  if (config.clickhouseUrl === undefined && !existsSync(own)) {
    return { level: 'ok' as const, text: 'none yet: the first start makes one' }
  }
  await using database = await openDatabaseToRead(config, context.directory, () => undefined)
  const [row] = await queryRows<{ version: string; blocks: string }>(
    database.client,
    'select version() as version, (select count() from block) as blocks',
  )
  const findings = await auditStorage(database.client, database.connection.database)
  const text = `ClickHouse ${row?.version}, ${row?.blocks} blocks indexed`
  const [first] = findings
  return first === undefined
    ? { level: 'ok' as const, text }
    : {
        level: 'fail' as const,
        text: `${text}; ${findings.length} findings, first: ${first.type} in ${first.table}`,
        advice: 'Keep a copy of the data directory, then index again into an empty one.',
      }
}

async function checkChain(config: Config, context: Context) {
  const dataDirectory = path.resolve(context.directory, config.dataDirectory)
  const running = await readRunning(dataDirectory)
  const rpcUrl = config.rpcUrl ?? running?.rpcUrl
  if (rpcUrl === undefined) {
    return { level: 'ok' as const, text: 'none configured: start brings its own local chain' }
  }
  const deployment =
    config.deployment === undefined
      ? parseDeployment(JSON.parse(running?.deployment ?? '{}'), 'running service')
      : await readDeployment(path.resolve(context.directory, config.deployment))
  for (const url of [rpcUrl, ...config.otherRpcUrls]) await checkChainId(url, deployment.chainId)
  const finalized = await callRpc(rpcUrl, 'eth_getBlockByNumber', ['finalized', false])
  const missing: string[] = []
  for (const name of CONTRACT_NAMES) {
    const to = deployment.contracts[name]
    const data = encodeFunctionData({ abi: accumulatorAbi, functionName: 'accumulator' })
    const result = await callRpc(rpcUrl, 'eth_call', [{ to, data }, 'latest'])
    if (!answersAccumulator(result)) missing.push(name)
  }
  const text = `chain ${deployment.chainId}, ${CONTRACT_NAMES.length - missing.length} of ${CONTRACT_NAMES.length} contracts with accumulators`
  if (missing.length > 0) {
    const advice = `No accumulator at ${missing.join(', ')}: check the addresses in the deployment.`
    return { level: 'fail' as const, text, advice }
  }
  if (finalized === null) {
    const advice = 'The node knows no finalized block: 64 blocks of depth are taken instead.'
    return { level: 'warn' as const, text, advice }
  }
  return { level: 'ok' as const, text }
}

function answersAccumulator(result: unknown): boolean {
  if (typeof result !== 'string' || !/^0x[0-9a-f]{128}$/.test(result)) return false
  const data = `0x${result.slice(2)}` as const
  decodeFunctionResult({ abi: accumulatorAbi, functionName: 'accumulator', data })
  return true
}

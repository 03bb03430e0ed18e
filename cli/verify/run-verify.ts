import path from 'node:path'

import { currentPin } from '@foggara/database'
import {
  createWasmEngine,
  referenceEngine,
  verifyMerkleProof,
  allocationLeaf,
} from '@foggara/gpu-analytics'

import { type Context, type OptionValues, flagOption } from '../command.ts'
import { type Config, loadConfig } from '../config.ts'
import { rowsOf } from '../score/close-epochs.ts'
import { openDatabaseToRead } from '../service/open-database.ts'
import { readRunning } from '../service/running-file.ts'
import { type Difference, differenceLine } from './first-difference.ts'
import { type StoredResults, readEpoch, readResults } from './read-epoch.ts'
import type { StoredEpoch } from './read-epoch.ts'
import { rootOnChain } from './root-on-chain.ts'
import { type EngineVerdict, verifyWithEngine, verifyWithSql } from './verify-engine.ts'
import { inputDifference } from './verify-inputs.ts'

/** The engines that `verify` knows. */
export const VERIFY_ENGINES = ['reference', 'wasm', 'sql'] as const
export type VerifyEngine = (typeof VERIFY_ENGINES)[number]

/** Runs `foggara verify EPOCH`; 1 when anything differs. */
export async function runVerify(
  epoch: number,
  engines: readonly VerifyEngine[],
  options: OptionValues,
  context: Context,
): Promise<number> {
  // `--engine` names what verifies here, which is not the setting of a service.
  const config = await loadConfig({ ...options, engine: undefined }, context)
  await using database = await openDatabaseToRead(config, context.directory, () => undefined)
  const { client } = database
  const rows = rowsOf(client)
  const pin = await currentPin(client)
  const stored = await readEpoch(rows, pin, epoch)
  const report = createReport(stored, flagOption(options, 'json'), context)
  const input = await inputDifference(stored, client)
  report.check('inputs', input, inputDigests(stored))
  if (input !== undefined) return report.finish()
  const rpcUrl = config.rpcUrl ?? (await runningRpcUrl(config, context))
  if (rpcUrl !== undefined) {
    const onChain = await rootOnChain(stored, rpcUrl)
    report.check('chain', onChain.difference, onChain.text)
  }
  const results = await readResults(rows, pin, epoch)
  report.check('proofs', proofDifference(stored, results), `${results.allocations.length} leaves`)
  for (const name of engines) {
    const startMs = context.nowMs()
    const verdict = await verdictOf(name)
    const { scoresSha256, root, difference } = verdict
    const ms = context.nowMs() - startMs
    report.check(name, difference, `scores ${scoresSha256} root ${root} (${ms} ms)`)
  }
  return report.finish()

  async function verdictOf(name: VerifyEngine): Promise<EngineVerdict> {
    if (name === 'sql') return verifyWithSql(stored, results, rows, pin)
    const engine = name === 'wasm' ? await createWasmEngine() : referenceEngine
    return verifyWithEngine(stored, results, engine)
  }
}

async function runningRpcUrl(config: Config, context: Context): Promise<string | undefined> {
  if (config.clickhouseUrl !== undefined) return undefined
  const running = await readRunning(path.resolve(context.directory, config.dataDirectory))
  return running?.rpcUrl
}

type Report = {
  readonly check: (what: string, difference: Difference | undefined, digests: string) => void
  readonly finish: () => number
}

function createReport(stored: StoredEpoch, asJson: boolean, context: Context): Report {
  const checks: { what: string; equal: boolean; digests: string; difference?: Difference }[] = []
  const { epoch, manifest, proposed } = stored
  const { firstBlock, cutoffBlock, rulesetVersion } = manifest
  if (!asJson) {
    const where = proposed === undefined ? 'not proposed on chain yet' : 'proposed on chain'
    context.print(
      `epoch ${epoch}: blocks ${firstBlock} to ${cutoffBlock}, ruleset ${rulesetVersion}, ${where}`,
    )
  }
  return {
    check: (what, difference, digests) => {
      const equal = difference === undefined
      checks.push({ what, equal, digests, ...(equal ? {} : { difference }) })
      if (asJson) return
      const verdict = difference === undefined ? 'equal' : 'DIFFERENT'
      const detail = difference === undefined ? digests : differenceLine(difference)
      context.print(`${what.padEnd(9)}  ${verdict}  ${detail}`)
    },
    finish: () => {
      const equal = checks.every((check) => check.equal)
      if (asJson) {
        const { manifestHash } = stored
        context.print(JSON.stringify({ epoch, equal, manifestHash, proposed, checks }))
      }
      return equal ? 0 : 1
    },
  }
}

function inputDigests({ manifest, manifestHash }: StoredEpoch): string {
  const tables = Object.values(manifest.tables)
  const lineCount = tables.reduce((count, table) => count + table.rows, 0)
  return `${tables.length} tables, ${lineCount} lines, manifest ${manifestHash}`
}

/** The stored proofs must lead from every positive leaf to the root. */
function proofDifference(
  { manifest }: StoredEpoch,
  { allocations }: StoredResults,
): Difference | undefined {
  for (const { account, token, cumulative, proof } of allocations) {
    if (cumulative === 0n) continue
    const leaf = allocationLeaf(account, token, cumulative)
    if (!verifyMerkleProof(manifest.root, leaf, proof)) {
      return {
        table: 'allocation',
        key: `${account}, proof`,
        expected: `a proof up to ${manifest.root}`,
        found: JSON.stringify(proof),
      }
    }
  }
  return undefined
}

import path from 'node:path'

import { currentPin } from '@foggara/database'
import { allocationLeaf, verifyMerkleProof } from '@foggara/gpu-analytics'
import { FoggaraError } from '@foggara/schema'

import { type Context, type OptionValues, flagOption } from '../command.ts'
import { type Config, loadConfig } from '../config.ts'
import { ENGINE_NAMES } from '../engine/engine-names.ts'
import { openEngine } from '../engine/open-engine.ts'
import { notesOf, watchEngine } from '../engine/watch-engine.ts'
import { rowsOf } from '../score/close-epochs.ts'
import { openDatabaseToRead } from '../service/open-database.ts'
import { readRunning } from '../service/running-file.ts'
import { createReport } from './epoch-report.ts'
import type { Difference } from './first-difference.ts'
import { type StoredEpoch, type StoredResults, readEpoch, readResults } from './read-epoch.ts'
import { rootOnChain } from './root-on-chain.ts'
import { verifyWithEngine, verifyWithSql } from './verify-engine.ts'
import { inputDifference } from './verify-inputs.ts'

/** The engines that `verify` knows; `sql` computes everything in ClickHouse, rewards included. */
export const VERIFY_ENGINES = [...ENGINE_NAMES, 'sql'] as const
export type VerifyEngine = (typeof VERIFY_ENGINES)[number]

/** Those that verify when none is named; the last two are left out where they cannot run. */
const USUAL_ENGINES = ['reference', 'wasm', 'sql', 'duckdb', 'webgpu'] as const

/**
 * Runs `foggara verify EPOCH` with the engines that were asked for, or the usual ones; 1 when anything
 * differs.
 *
 * @throws {EpochNotClosedError | ManifestMalformedError}
 * @throws {FoggaraError} when an engine that was asked for cannot run.
 */
export async function runVerify(
  epoch: number,
  asked: readonly VerifyEngine[] | undefined,
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
  for (const name of asked ?? USUAL_ENGINES) {
    const startMs = context.nowMs()
    try {
      const { verdict, executions } = await verdictOf(name)
      const { scoresSha256, root, difference } = verdict
      const ms = context.nowMs() - startMs
      const digests = `scores ${scoresSha256} root ${root} (${ms} ms)`
      report.check(name, difference, digests, notesOf(executions))
    } catch (error) {
      if (asked !== undefined || !cannotRunHere(error)) throw error
      report.skip(name, `${error.code} ${error.message}`)
    }
  }
  return report.finish()

  async function verdictOf(name: VerifyEngine) {
    if (name === 'sql') {
      return { verdict: await verifyWithSql(stored, results, rows, pin), executions: [] }
    }
    const settings = { engine: name, threadCount: undefined, takesSoftwareGpu: asked !== undefined }
    await using opened = await openEngine(settings)
    const { engine, executions } = watchEngine(opened.engine)
    const verdict = await verifyWithEngine(stored, results, engine, { signal: context.stopped })
    return { verdict, executions }
  }
}

/** The engine exists and this machine lacks what it needs. */
function cannotRunHere(error: unknown): error is FoggaraError {
  const codes = ['WEBGPU_UNAVAILABLE', 'DUCKDB_UNAVAILABLE']
  return error instanceof FoggaraError && codes.includes(error.code)
}

async function runningRpcUrl(config: Config, context: Context): Promise<string | undefined> {
  if (config.clickhouseUrl !== undefined) return undefined
  const running = await readRunning(path.resolve(context.directory, config.dataDirectory))
  return running?.rpcUrl
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

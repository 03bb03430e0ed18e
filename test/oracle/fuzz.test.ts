import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { openRpc } from '../../devnet/rpc.ts'
import { sourcesDigest } from '../../subgraph/build-subgraph.ts'
import { FUZZ_DIRECTORY, compileFuzzContracts } from './build-fuzz.ts'
import { assertEqualRuns } from './compare-runs.ts'
import { startFuzzChain } from './fuzz-chain.ts'
import { startOracle } from './oracle.ts'
import { oracleMissing } from './packages.ts'
import { TRACED_CASES, type TracedCase, indexCase, readTrace } from './record-traces.ts'
import { runInProcess } from './run-in-process.ts'
import { traceOf } from './trace.ts'

test('the fuzz contract and its subgraph are compiled: node test/oracle/build-fuzz.ts', () => {
  for (const [name, text] of compileFuzzContracts()) {
    expect(readFileSync(join(FUZZ_DIRECTORY, name), 'utf8'), name).toBe(text)
  }
  const built = readFileSync(join(FUZZ_DIRECTORY, 'build', 'sources.sha256'), 'utf8')
  expect(built.trim()).toBe(sourcesDigest(FUZZ_DIRECTORY))
})

test('the subgraph of the bench is compiled as well', () => {
  const folder = join(import.meta.dirname, 'transfers')
  const built = readFileSync(join(folder, 'build', 'sources.sha256'), 'utf8')
  expect(built.trim()).toBe(sourcesDigest(folder))
})

const missing = oracleMissing()
const where = missing === undefined ? 'in a real graph-node' : `(skipped: ${missing})`
const SLOW_MS = 180_000

describe.skipIf(missing !== undefined)(`the fuzz subgraph ${where}`, () => {
  test('gives the committed trace of more than 5,000 handler calls', { timeout: SLOW_MS }, () =>
    expectCommittedTrace(TRACED_CASES.fuzz, (errorCount) => expect(errorCount).toBe(0)),
  )

  test('closes the committed buckets over weeks with gaps', { timeout: SLOW_MS }, () =>
    expectCommittedTrace(TRACED_CASES.aggregations, (count) => expect(count).toBe(0), 2500),
  )

  test(
    'stops at the first failure unless its manifest lets it go on',
    { timeout: SLOW_MS },
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'foggara-fatal-'))
      try {
        await assertSameEnd(await withoutNonFatalErrors(folder))
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    },
  )

  test('drops what a failed handler did, and goes on', { timeout: SLOW_MS }, () =>
    expectCommittedTrace(TRACED_CASES.failures, (count) => expect(count).toBeGreaterThan(100)),
  )
})

async function expectCommittedTrace(
  traced: TracedCase,
  expectErrors: (count: number) => void,
  logCountMin = 5000,
): Promise<void> {
  const chain = await traced.startChain()
  await using _chainEnded = chain.anvil
  const filter = { fromBlock: '0x0', toBlock: 'latest' }
  const logs = (await openRpc(chain.anvil.rpcUrl).request('eth_getLogs', filter)) as unknown[]
  expect(logs.length).toBeGreaterThan(logCountMin)
  await using oracle = await indexCase(traced, chain)
  const [deployment] = oracle.deployments
  if (deployment === undefined) throw new Error('expected a deployment')
  expect(await traceOf(deployment, chain)).toEqual(readTrace(traced.name))
  const errors = await deployment.errors()
  expect(errors.filter(({ isDeterministic }) => !isDeterministic)).toEqual([])
  expectErrors(errors.length)
}

/** The fuzz subgraph without the feature that lets it go on after failures. */
async function withoutNonFatalErrors(folder: string): Promise<TracedCase> {
  await cp(dirname(TRACED_CASES.failures.manifest), folder, { recursive: true })
  const manifest = join(folder, 'subgraph.yaml')
  const text = readFileSync(manifest, 'utf8')
  expect(text).toContain('- nonFatalErrors')
  writeFileSync(manifest, text.replace(/features:\n\s*- nonFatalErrors\n/, ''))
  const startChain = () => startFuzzChain({ seed: 'fatal', failuresPerMille: 10 }, 20)
  return { ...TRACED_CASES.failures, manifest, startChain }
}

async function assertSameEnd(traced: TracedCase): Promise<void> {
  const chain = await traced.startChain()
  await using _chainEnded = chain.anvil
  const { rpcUrl } = chain.anvil
  const run = await runInProcess(traced.manifest, rpcUrl)
  await expect(run.runTo(chain.headBlock)).rejects.toMatchObject({ code: 'SUBGRAPH_FAILED' })
  const manifests = [traced.manifest]
  await using oracle = await startOracle({ rpcUrl, network: traced.network, manifests })
  const [deployment] = oracle.deployments
  if (deployment === undefined) throw new Error('expected a deployment')
  const end = await deployment.untilBlock(chain.headBlock)
  expect(end.health).toBe('failed')
  const failures = run.store.failures()
  const errors = await deployment.errors()
  const blocks = (numbers: readonly number[]) => [...new Set(numbers)]
  expect(blocks(errors.map(({ blockNumber }) => blockNumber))).toEqual(
    blocks(failures.map(({ block }) => block)),
  )
  await assertEqualRuns(deployment, run)
}

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { deploymentId } from '@foggara/ingest'

import { FUZZ_DIRECTORY } from './build-fuzz.ts'
import { startFuzzChain } from './fuzz-chain.ts'
import type { Oracle, OracleOptions } from './oracle.ts'
import { startOracle } from './oracle.ts'
import { type OwnChain, startProtocolChain } from './protocol-chain.ts'
import { type Trace, traceOf } from './trace.ts'

/** A subgraph and a chain that anybody can make again: what a trace is recorded of. */
export type TracedCase = {
  readonly name: string
  readonly manifest: string
  readonly network: string
  readonly startChain: () => Promise<OwnChain>
}

/** Several blocks in an hour, one in several days, and ends of hours met to the second. */
const BLOCK_SECONDS = [1, 60, 600, 600, 900, 1800, 3599, 3600, 3601, 7200, 30_000, 90_000, 260_000]

const ROOT = join(import.meta.dirname, '..', '..')

/** What the oracle's traces are recorded of. */
export const TRACED_CASES = {
  protocol: {
    name: 'protocol',
    manifest: join(ROOT, 'subgraph', 'build', 'subgraph.yaml'),
    network: 'foggara-devnet',
    startChain: startProtocolChain,
  },
  fuzz: {
    name: 'fuzz',
    manifest: join(FUZZ_DIRECTORY, 'build', 'subgraph.yaml'),
    network: 'foggara-devnet',
    startChain: () => startFuzzChain({ seed: 'fuzz', failuresPerMille: 0 }),
  },
  failures: {
    name: 'failures',
    manifest: join(FUZZ_DIRECTORY, 'build', 'subgraph.yaml'),
    network: 'foggara-devnet',
    startChain: () => startFuzzChain({ seed: 'failures', failuresPerMille: 25 }),
  },
  aggregations: {
    name: 'aggregations',
    manifest: join(FUZZ_DIRECTORY, 'build', 'subgraph.yaml'),
    network: 'foggara-devnet',
    startChain: () =>
      startFuzzChain({ seed: 'buckets', failuresPerMille: 0, blockSeconds: BLOCK_SECONDS }, 120),
  },
} as const satisfies Record<string, TracedCase>

/** The committed trace of a case. */
export function readTrace(name: string): Trace {
  return JSON.parse(readFileSync(traceFile(name), 'utf8')) as Trace
}

/** Starts an oracle with the subgraph of a case, and waits until it is at the head of the chain. */
export async function indexCase(
  traced: TracedCase,
  chain: OwnChain,
  options: Partial<OracleOptions> = {},
): Promise<Oracle> {
  const { rpcUrl } = chain.anvil
  const { manifest, network } = traced
  const oracle = await startOracle({
    rpcUrl,
    network,
    manifests: [manifest],
    ids: [await deploymentId(dirname(manifest))],
    goesOnAfterErrors: true,
    ...options,
  })
  try {
    for (const deployment of oracle.deployments) {
      const at = await deployment.untilBlock(chain.headBlock, { blockHash: chain.headHash })
      if (at.health === 'failed') throw new Error(`expected no failure, found ${at.fatalError}`)
    }
    return oracle
  } catch (error) {
    await oracle.stop()
    throw error
  }
}

function traceFile(name: string): string {
  return join(import.meta.dirname, 'traces', `${name}.json`)
}

async function record(traced: TracedCase): Promise<void> {
  const chain = await traced.startChain()
  await using _chainEnded = chain.anvil
  await using oracle = await indexCase(traced, chain)
  const [deployment] = oracle.deployments
  if (deployment === undefined) return
  const trace = await traceOf(deployment, chain)
  const file = traceFile(traced.name)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(trace, null, 1)}\n`)
  console.log(`${file}: ${Object.keys(trace.proofDigests).length} blocks`)
}

if (import.meta.main) {
  const names = process.argv.slice(2)
  for (const traced of Object.values(TRACED_CASES)) {
    if (names.length === 0 || names.includes(traced.name)) await record(traced)
  }
}

import { dirname, join } from 'node:path'

import { deploymentId, finishProof } from '@foggara/ingest'
import { bytesToHex, hexToBytes } from 'viem'
import { expect, test } from 'vitest'

import { entityTypes } from './entity-versions.ts'
import { TRACED_CASES, readTrace } from './record-traces.ts'
import { type InProcessRun, runInProcess } from './run-in-process.ts'
import { type Trace, typeTrace } from './trace.ts'

/**
 * Our runtime against the committed traces of a real graph-node, on every platform; that the traces
 * are graph-node's is what the tests beside this one prove, where one can start.
 */
test.each(Object.values(TRACED_CASES))(
  '$name: our runtime has the entity versions and the proof of every block that graph-node has',
  async (traced) => {
    const chain = await traced.startChain()
    await using _chainEnded = chain.anvil
    const trace = readTrace(traced.name)
    expect(chain).toMatchObject({ headBlock: trace.headBlock, headHash: trace.headHash })
    const run = await runInProcess(traced.manifest, chain.anvil.rpcUrl)
    await run.runTo(chain.headBlock)
    expect(run.proofDigests()).toEqual(trace.proofDigests)
    expect(await publicProof(run, traced.manifest, trace)).toEqual(trace.proof.value)
    const types = entityTypes(join(dirname(traced.manifest), 'schema.graphql'))
    expect(
      Object.fromEntries(types.map((type) => [type.name, typeTrace(type, run.versions(type))])),
    ).toEqual(Object.fromEntries(types.map(({ name }) => [name, trace.types[name]])))
    const failedBlocks = run.store.failures().map(({ block }) => `${block}`)
    expect([...new Set(failedBlocks)]).toEqual(Object.keys(trace.errorCounts))
  },
)

/** The proof as anybody may ask graph-node for it, under the id that the folder is uploaded as. */
async function publicProof(run: InProcessRun, manifest: string, trace: Trace): Promise<string> {
  const digest = run.store.proof()
  const proof = finishProof({
    deployment: await deploymentId(dirname(manifest)),
    blockNumber: trace.headBlock,
    blockHash: hexToBytes(trace.headHash as `0x${string}`),
    indexer: hexToBytes(trace.proof.indexer as `0x${string}`),
    regions: new Map(digest === undefined ? [] : [[`ethereum/${run.subgraph.network}`, digest]]),
  })
  return bytesToHex(proof)
}

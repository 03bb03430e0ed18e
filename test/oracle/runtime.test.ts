import { dirname, join } from 'node:path'

import { expect, test } from 'vitest'

import { entityTypes } from './entity-versions.ts'
import { TRACED_CASES, readTrace } from './record-traces.ts'
import { runInProcess } from './run-in-process.ts'
import { typeTrace } from './trace.ts'

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
    const types = entityTypes(join(dirname(traced.manifest), 'schema.graphql'))
    const entities = types.filter(({ isAggregation }) => !isAggregation)
    expect(
      Object.fromEntries(entities.map((type) => [type.name, typeTrace(type, run.versions(type))])),
    ).toEqual(Object.fromEntries(entities.map(({ name }) => [name, trace.types[name]])))
    const failedBlocks = run.store.failures().map(({ block }) => `${block}`)
    expect([...new Set(failedBlocks)]).toEqual(Object.keys(trace.errorCounts))
  },
)

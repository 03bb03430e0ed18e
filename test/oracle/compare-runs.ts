import { expect } from 'vitest'

import { openRpc } from '../../devnet/rpc.ts'
import type { Deployment } from './oracle.ts'
import { type OwnChain, headOf } from './protocol-chain.ts'
import type { InProcessRun } from './run-in-process.ts'
import { versionText } from './trace.ts'

/** Expects every entity version and every digest of both to be equal. */
export async function assertEqualRuns(deployment: Deployment, run: InProcessRun): Promise<void> {
  await assertEqualProofs(deployment, run)
  for (const type of deployment.types) {
    const texts = (versions: Parameters<typeof versionText>[1][]) =>
      versions.map((version) => versionText(type, version)).toSorted((a, b) => (a < b ? -1 : 1))
    const theirs = texts([...(await deployment.versions(type.name))])
    expect({ type: type.name, versions: texts([...run.versions(type)]) }).toEqual({
      type: type.name,
      versions: theirs,
    })
  }
}

async function assertEqualProofs(deployment: Deployment, run: InProcessRun): Promise<void> {
  const digests = await deployment.proofDigests()
  expect(run.proofDigests()).toEqual(
    Object.fromEntries(digests.map(({ fromBlock, digest }) => [fromBlock, digest])),
  )
}

/**
 * Replaces the newest blocks of a chain by others, once for every depth, and expects after each
 * that both followed: their proofs after each, their entities at the end. The new branch is one
 * block longer: graph-node looks at nothing shorter.
 *
 * Not every chain does: graph-node 0.45 forgets its cache with a revert and reads again from
 * Postgres, which writes large decimals in full, so that a negative one of 35 digits and zeros loses
 * its last digit. Its proof then differs from that of a graph-node that starts on the same chain;
 * our runtime has the latter's.
 */
export async function assertSameAfterReorgs(options: {
  readonly chain: OwnChain
  readonly deployment: Deployment
  readonly run: InProcessRun
  readonly depths: readonly number[]
  /** Mines one block for each number from `from` to `to`. */
  readonly mineBranch: (from: number, to: number) => Promise<void>
}): Promise<void> {
  const { chain, deployment, run, depths, mineBranch } = options
  const rpc = openRpc(chain.anvil.rpcUrl)
  let head = chain.headBlock
  for (const depth of depths) {
    const ancestor = head - depth
    await rpc.request('anvil_rollback', depth)
    await mineBranch(ancestor + 1, head + 1)
    head += 1
    const { headBlock, headHash } = await headOf({ rpc })
    expect(headBlock).toBe(head)
    await deployment.untilBlock(head, { blockHash: headHash })
    await run.revertTo(ancestor)
    await run.runTo(head)
    await assertEqualProofs(deployment, run)
  }
  await assertEqualRuns(deployment, run)
}

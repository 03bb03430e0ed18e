import { CONTRACT_NAMES, eventsOf } from '@foggara/schema'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type RawLog, read } from '../../devnet/chain.ts'
import { decodeEvent } from '../../devnet/economy/event.ts'
import { devnetAccounts, registerAsset } from '../../devnet/index.ts'
import { assertSameAfterReorgs } from './compare-runs.ts'
import type { Deployment, Oracle } from './oracle.ts'
import { oracleMissing } from './packages.ts'
import { startProtocolChain } from './protocol-chain.ts'
import { TRACED_CASES, indexCase, readTrace } from './record-traces.ts'
import { runInProcess } from './run-in-process.ts'
import { traceOf } from './trace.ts'

const SLOW_MS = 300_000

const missing = oracleMissing()
const where = missing === undefined ? 'in a real graph-node' : `(skipped: ${missing})`

describe.skipIf(missing !== undefined)(`the protocol’s subgraph ${where}`, () => {
  let chain: Awaited<ReturnType<typeof startProtocolChain>>
  let oracle: Oracle
  let deployment: Deployment
  beforeAll(async () => {
    chain = await startProtocolChain()
    oracle = await indexCase(TRACED_CASES.protocol, chain)
    const [first] = oracle.deployments
    if (first === undefined) throw new Error('expected a deployment')
    deployment = first
  })
  afterAll(async () => {
    await oracle?.stop()
    await chain?.anvil.stop()
  })

  test('has the committed versions of entities, and the committed proof of every block', async () => {
    expect(await traceOf(deployment, chain)).toEqual(readTrace('protocol'))
    expect(await deployment.proof(chain.headBlock, chain.headHash)).toMatch(/^0x[0-9a-f]{64}$/)
  })

  test('makes one entity of every event that makes one', async () => {
    const counts = await eventCounts()
    const names = CONTRACT_NAMES.flatMap((name) => eventsOf(name).map((event) => event.name))
    expect(names.filter((name) => !counts.has(name))).toEqual([])
    const found: Record<string, number> = {}
    for (const type of Object.values(ENTITY_OF_EVENT)) {
      found[type] = (await live(type)).length
    }
    const expected = Object.entries(ENTITY_OF_EVENT).map(([event, type]) => [
      type,
      counts.get(event),
    ])
    expect(found).toEqual(Object.fromEntries(expected))
  })

  test('has missed no event: every contract says the sequence that was indexed', async () => {
    const readings = await deployment.versions('AccumulatorReading')
    expect(readings.map(({ fields }) => fields['isComplete'])).not.toContain('false')
    for (const { fields } of await live('ProtocolContract')) {
      const name = CONTRACT_NAMES.find((one) => one === fields['name'])
      if (name === undefined)
        throw new Error(`expected a contract, found ${String(fields['name'])}`)
      const [sequence] = (await read(chain.devnet, name, 'accumulator')) as readonly [bigint]
      expect({ name, ...fields }).toMatchObject({ sequence: `${sequence}`, gapCount: '0' })
    }
    expect(await live('ProtocolContract')).toHaveLength(CONTRACT_NAMES.length)
  })

  test('knows the balances, vaults and stakes that the contracts know', async () => {
    const of = async (type: string, field: string, value: (id: string) => Promise<bigint>) => {
      for (const { fields } of await live(type)) {
        const id = String(fields['id'])
        expect({ id, [field]: fields[field] }).toEqual({ id, [field]: `${await value(id)}` })
      }
    }
    const { devnet } = chain
    await of('Account', 'balance', async (id) =>
      BigInt(String(await read(devnet, 'VotesToken', 'balanceOf', [id]))),
    )
    await of('Vault', 'held', async (id) => {
      const held = (await read(devnet, 'RevenueVault', 'vaultOf', [id])) as readonly bigint[]
      return held.reduce((sum, part) => sum + part, 0n)
    })
    await of('Provider', 'stake', async (id) => {
      const provider = await read(devnet, 'ComputeRegistry', 'providerOf', [id])
      return (provider as { readonly stake: bigint }).stake
    })
  })

  test('follows reorganisations as our runtime does', { timeout: SLOW_MS }, async () => {
    const run = await runInProcess(TRACED_CASES.protocol.manifest, chain.anvil.rpcUrl)
    await run.runTo(chain.headBlock)
    await assertSameAfterReorgs({
      chain,
      deployment,
      run,
      depths: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
      mineBranch: async (from, to) => {
        for (let number = from; number <= to; number += 1) {
          const owner = devnetAccounts.testers[1].address
          await registerAsset(chain.devnet, { owner, kind: 'TOOL', name: `${number} of ${to}` })
        }
      },
    })
  })

  async function live(typeName: string) {
    return (await deployment.versions(typeName)).filter(({ toBlock }) => toBlock === null)
  }

  async function eventCounts(): Promise<ReadonlyMap<string, number>> {
    const filter = { fromBlock: '0x0', toBlock: 'latest' }
    const logs = (await chain.devnet.rpc.request('eth_getLogs', filter)) as readonly RawLog[]
    const counts = new Map<string, number>()
    for (const log of logs) {
      const name = decodeEvent(log)?.eventName
      if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1)
    }
    return counts
  }
})

/** The entities that exactly one event makes. */
const ENTITY_OF_EVENT: Readonly<Record<string, string>> = {
  AssetRegistered: 'Asset',
  VersionPublished: 'AssetVersion',
  AssetTransferred: 'AssetTransfer',
  StorageAnchored: 'StorageAnchor',
  EdgeLinked: 'ProvenanceEdge',
  DisputeRaised: 'Dispute',
  ContributionRecorded: 'Contribution',
  LicenceTermsOffered: 'LicenceTerms',
  LicenceGranted: 'Licence',
  ListingCreated: 'Listing',
  SaleCompleted: 'Sale',
  PaymentMade: 'Payment',
  RoyaltyPaid: 'RoyaltyPayment',
  RevenueClaimed: 'RevenueClaim',
  ProviderRegistered: 'Provider',
  StakeChanged: 'StakeChange',
  ProviderSlashed: 'Slashing',
  BatchAnchored: 'ReceiptBatch',
  RulesetPublished: 'Ruleset',
  EpochFunded: 'EpochFunding',
  EpochRootChallenged: 'EpochChallenge',
  RewardClaimed: 'AllocationClaim',
  ExclusionSet: 'Exclusion',
  ProposalSubmitted: 'Proposal',
  VoteRecorded: 'Vote',
  ParameterSet: 'ParameterChange',
  TokenTransferred: 'TokenTransfer',
  TokenStaked: 'TokenStake',
}

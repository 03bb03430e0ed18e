import { type ClickHouseClient, command, queryRows } from '@foggara/database'
import { EVENT_TABLES, FoggaraError } from '@foggara/schema'

import type { FollowSettings, Follower } from '../../ingest/chain/follow.ts'
import type { SourceProof } from '../../ingest/scan/fetch-sources.ts'
import { FAULTS } from '../../ingest/simulation/faults.ts'
import { type Random, openRandom } from '../../ingest/simulation/random.ts'
import type { NodeLimits } from '../../ingest/simulation/simulated-answers.ts'
import {
  FOREIGN_TOPIC,
  type RpcLog,
  type SimulatedChain,
  createSimulatedChain,
} from '../../ingest/simulation/simulated-chain.ts'
import { type SimulatedNode, startSimulatedNode } from '../../ingest/simulation/simulated-node.ts'
import { findProblems } from './find-problems.ts'
import {
  type Following,
  type FollowingOptions,
  openFollower,
  openSourceFollower,
} from './open-follower.ts'
import { findTableProblems, simulatedSources } from './simulated-sources.ts'

/** What one seed's run came to. */
export type SeedOutcome = {
  readonly seed: number
  /** What was indexed, and what was to prove it. */
  readonly indexed: string
  readonly blocks: number
  /** Of these, those that are listed as not proven to be whole. */
  readonly unprovenBlocks: number
  /** What is wrong with what was stored; empty when nothing is. */
  readonly problems: readonly string[]
  /** Every block of the chain is indexed; false when the index stands still with a coded error. */
  readonly isComplete: boolean
  /** The codes of every failure that was met. */
  readonly codes: readonly string[]
  readonly lies: number
  readonly reorgs: number
  readonly requests: number
}

/** Enough kinds of events to differ, few enough to be quick. */
const SOME_TABLES = EVENT_TABLES.filter((_, index) => index % 12 === 0)
const ROUNDS = 6
const CALM_STEPS_MAX = 60

/** Databases to index into: contracts and sources have tables of their own. */
export type SeedClients = {
  readonly contracts: ClickHouseClient
  readonly sources: ClickHouseClient
}

/**
 * Indexes a generated chain through one to three nodes that lag, lie, fail, cut off, reorganise and
 * restart as the seed says, then calms them and compares what is stored with the chain. Odd seeds
 * index the contracts of the deployment, even ones sources that want every log.
 */
export async function runSeed(seed: number, clients: SeedClients): Promise<SeedOutcome> {
  const random = openRandom(seed)
  const chain = createSimulatedChain(random, SOME_TABLES)
  chain.mine(20 + random.below(60))
  const indexed = seed % 2 === 0 ? someSources(chain, random) : someContracts(random)
  const client = clients[indexed.name]
  await emptyTables(client)
  const nodeCount = 1 + random.below(3)
  const nodes: SimulatedNode[] = []
  await using stack = new AsyncDisposableStack()
  // Providers with the same software lose the same logs: two that agree may both be wrong.
  const common = random.oneIn(3) ? someLoss(random, indexed) : undefined
  for (let index = 0; index < nodeCount; index += 1) {
    const node = stack.use(await startSimulatedNode(chain, random))
    node.limits = someLimits(random, indexed)
    node.losesLog = common ?? someLoss(random, indexed)
    nodes.push(node)
  }
  const run = { seed, random, chain, nodes, client, indexed } as const
  const codes = new Set<string>()
  const reports = await misbehave(run, codes)
  const { isComplete, lies } = await calmDown(run, codes)
  return {
    seed,
    indexed: `${indexed.name} by ${indexed.proof}`,
    problems: [
      ...(await indexed.findProblems(client, chain)),
      ...(isComplete || codes.size > 0 ? [] : ['the index stands still without an error']),
    ],
    ...(await countBlocks(client)),
    isComplete,
    codes: [...codes].toSorted(),
    lies: lies + reports.lies,
    reorgs: reports.reorgs,
    requests: nodes.reduce((count, node) => count + node.requestCount(), 0),
  }
}

/** What is indexed of a chain, and how it is proven. */
type IndexedKind = {
  readonly name: keyof SeedClients
  readonly proof: FollowSettings['proof'] | SourceProof
  /** Every log is looked for, not only those that contracts count. */
  readonly wantsAll: boolean
  readonly open: (options: FollowingOptions) => Promise<Following>
  readonly findProblems: (
    client: ClickHouseClient,
    chain: SimulatedChain,
  ) => Promise<readonly string[]>
}

function someContracts(random: Random): IndexedKind {
  const proof = random.oneIn(3) ? 'receipts' : 'accumulators'
  return {
    name: 'contracts',
    proof,
    // What only receipts can show is no lie that accumulators could find.
    wantsAll: proof === 'receipts',
    open: (options) => openFollower({ ...options, settings: { ...options.settings, proof } }),
    findProblems,
  }
}

function someSources(chain: SimulatedChain, random: Random): IndexedKind {
  const proof = random.pick(['none', 'quorum', 'receipts'] as const)
  const sources = simulatedSources(chain.deployment, SOME_TABLES)
  return {
    name: 'sources',
    proof,
    wantsAll: true,
    open: (options) => openSourceFollower(options, sources, proof),
    findProblems: async (client) => [
      ...(await findProblems(client, chain, ({ receipts }) =>
        receipts.flatMap((receipt) => receipt.logs),
      )),
      ...(await findTableProblems(client, sources)),
    ],
  }
}

type Run = {
  readonly seed: number
  readonly random: Random
  readonly chain: SimulatedChain
  readonly nodes: readonly SimulatedNode[]
  readonly client: ClickHouseClient
  readonly indexed: IndexedKind
}

async function misbehave(
  run: Run,
  codes: Set<string>,
): Promise<{ readonly lies: number; readonly reorgs: number }> {
  const { random, chain, nodes } = run
  const rate = 2 + random.below(6)
  const faults = FAULTS.filter((fault) => run.indexed.wantsAll || fault !== 'drop-any-log')
  for (const node of nodes) {
    node.nextFault = (chance) => (chance.oneIn(rate) ? chance.pick(faults) : undefined)
  }
  let following = await open(run)
  let [lies, reorgs] = [0, 0]
  for (let round = 0; round < ROUNDS; round += 1) {
    if (random.oneIn(3)) {
      chain.reorg(1 + random.below(random.oneIn(4) ? 30 : 6))
      reorgs += 1
    } else chain.mine(1 + random.below(9))
    for (const node of nodes) {
      node.lagBlocks = random.oneIn(4) ? random.below(8) : 0
      node.ownBlocks = random.oneIn(6) ? [...chain.blocks()] : undefined
    }
    for (let step = 0; step < 2; step += 1) await stepOnce(following.follower, codes)
    if (random.oneIn(4)) {
      lies += liesOf(following)
      following = await open(run)
    }
  }
  return { lies: lies + liesOf(following), reorgs }
}

/** Transient faults end; what a node lost stays lost. */
async function calmDown(
  run: Run,
  codes: Set<string>,
): Promise<{ readonly isComplete: boolean; readonly lies: number }> {
  for (const node of run.nodes) {
    node.nextFault = () => undefined
    node.lagBlocks = 0
    node.ownBlocks = undefined
  }
  const following = await open(run)
  const { follower, store } = following
  const head = run.chain.blocks().length - 1
  const failures = new Set<string>()
  for (let step = 0; step < CALM_STEPS_MAX; step += 1) {
    const code = await stepOnce(follower, failures)
    const isAtHead = code === 'IDLE' && store.head()?.block === head
    if (isAtHead) return { isComplete: true, lies: liesOf(following) }
  }
  codes.clear()
  for (const code of failures) codes.add(code)
  return { isComplete: false, lies: liesOf(following) }
}

async function stepOnce(follower: Follower, codes: Set<string>): Promise<string> {
  try {
    return (await follower.step()) ? 'MORE' : 'IDLE'
  } catch (error) {
    // What a node of the corpus refuses for good would stop a real service: here it goes on.
    const isExpected = error instanceof FoggaraError && error.code.startsWith('RPC_')
    if (!isExpected) throw error
    codes.add(error.code)
    return error.code
  }
}

/** Opens the store again, as a restart does. */
function open({ seed, chain, nodes, client, indexed }: Run): Promise<Following> {
  const settings = { commitBlocks: 25, settleBlocks: 20, hotRowsKept: 200 }
  return indexed.open({ seed, chain, nodes, client, settings })
}

function liesOf({ rpc }: Following): number {
  return rpc.reports().reduce((sum, report) => sum + report.lies, 0)
}

function someLimits(random: Random, { proof }: IndexedKind): NodeLimits {
  const some = <T>(values: readonly T[]): T | undefined =>
    random.oneIn(2) ? undefined : random.pick(values)
  return {
    blocksMax: some([1, 10, 20]) ?? Number.POSITIVE_INFINITY,
    logsMax: some([3, 10, 40]) ?? Number.POSITIVE_INFINITY,
    addressesMax: some([1, 4]) ?? Number.POSITIVE_INFINITY,
    callsMax: some([3, 10]) ?? Number.POSITIVE_INFINITY,
    stateBlocks: some([0, 12]) ?? Number.POSITIVE_INFINITY,
    lacksReceipts: proof !== 'receipts' && random.oneIn(2),
  }
}

/** Logs that a node's index lost for good: it says nothing about them, however it is asked. */
function someLoss(random: Random, { wantsAll }: IndexedKind): (log: RpcLog) => boolean {
  if (random.oneIn(2)) return () => false
  const digit = '0123456789abcdef'.charAt(random.below(16))
  return (log) =>
    (wantsAll || log.topics[0] !== FOREIGN_TOPIC) &&
    String(log['transactionHash']).charAt(10) === digit
}

async function countBlocks(
  client: ClickHouseClient,
): Promise<Pick<SeedOutcome, 'blocks' | 'unprovenBlocks'>> {
  const [row] = await queryRows<{ blocks: string; unproven: string }>(
    client,
    "select count() as blocks, countIf(evidence in ('trusted', 'quorum')) as unproven from block",
  )
  return { blocks: Number(row?.blocks), unprovenBlocks: Number(row?.unproven) }
}

async function emptyTables(client: ClickHouseClient): Promise<void> {
  const tables = await queryRows<{ name: string }>(
    client,
    `select name from system.tables
    where database = currentDatabase() and engine like '%MergeTree' and total_rows > 0
    order by name`,
  )
  for (const { name } of tables) {
    if (!/migration/u.test(name)) await command(client, `truncate table ${name}`)
  }
}

import { openRollUps } from './aggregations/roll-up.ts'
import type { ChainBlock, ChainSource } from './chain-source.ts'
import { openBlockEntities } from './entity-cache/block-entities.ts'
import type {
  BlockChanges,
  CreatedSource,
  EntityChange,
  EntityStore,
  SubgraphFailure,
} from './entity-cache/entity-store.ts'
import { bytesText } from './entity-cache/entity.ts'
import { NonDeterministicError } from './failure.ts'
import {
  type FileMonitor,
  type FileMonitorOptions,
  type FoundFile,
  openFileMonitor,
  type WaitingFile,
} from './files/file-monitor.ts'
import type { LogLevel } from './host/host-context.ts'
import type { Subgraph } from './manifest/manifest.ts'
import { openMappingMachines } from './mapping-machines.ts'
import { openProofKernel } from './poi/proof-kernel.ts'
import { openBlockProof } from './poi/proof-of-indexing.ts'
import { runFile } from './run-file.ts'
import { type BlockRun, runHandler } from './run-handler.ts'
import { openChainAnswers } from './triggers/contract-calls.ts'
import { hasBlockTrigger, matchTriggers, type Trigger } from './triggers/match-triggers.ts'
import {
  createdFile,
  openRunningFiles,
  readFileRecord,
  type RunningFile,
  type RunningFiles,
} from './triggers/running-file.ts'
import {
  isSameSource,
  type RunningSource,
  runningSources,
  startSource,
} from './triggers/running-source.ts'

/** Runs a subgraph, block after block, over a store and a chain. */
export type SubgraphRunner = {
  /**
   * Runs the handlers of a block and gives the store everything they did, or nothing.
   *
   * @throws {HandlerError} naming data source, handler, block and log where a handler failed for a
   *   reason that the next try may not have; the store stays at the block before.
   */
  runBlock(block: ChainBlock): Promise<BlockReport>
  /** Forgets every block above `blockNumber`, with the sources that they created. */
  revertTo(blockNumber: number): Promise<void>
  /** Whether a handler failed for good, now or before the store was opened: no later block can run. */
  hasFailed(): boolean
  /** The addresses and first topics that can set off a handler; undefined for any address. */
  interests(): readonly LogInterest[]
  /** Whether a handler of blocks or a file runs in the block of that number, whatever it holds. */
  handlesBlock(blockNumber: number): boolean
  /** The files that handlers named and that are not here yet, with what each waits for. */
  waitingFiles(): readonly WaitingFile[]
}

/** Logs that a subgraph wants to see. */
export type LogInterest = {
  readonly address: string | undefined
  readonly topics: readonly string[]
}

/** What a block did. */
export type BlockReport = {
  readonly handlerCount: number
  /** Logs and blocks that set off handlers. */
  readonly triggerCount: number
  readonly changeCount: number
  readonly failures: readonly SubgraphFailure[]
  /** A handler failed for good: no later block can run. */
  readonly hasFailed: boolean
}

/** What a runner works with. */
export type SubgraphRunnerOptions = {
  readonly subgraph: Subgraph
  readonly store: EntityStore
  readonly chain: ChainSource
  /** Hears the mappings' log. */
  readonly onLog?: (line: MappingLog) => void
  /** The name behind an ENS hash; without a table a handler that asks stops. */
  readonly ensName?: (hash: string) => string | undefined
  /** Finds the files that handlers name; without it they wait. It serves this runner alone. */
  readonly files?: FileMonitor
}

/** A line of a mapping's log. */
export type MappingLog = {
  readonly level: LogLevel
  readonly message: string
  readonly dataSource: string
  readonly handler: string
  readonly block: number
}

const SOURCE_ROUND_COUNT_MAX = 1000
const NOTHING_READ: ReadFiles = { changes: [], created: [], files: [] }
const NO_FILES: FileMonitorOptions = {
  gateways: { ipfs: [], arweave: [] },
  sleep: () => Promise.resolve(),
  signal: new AbortController().signal,
}

/** Opens a runner that continues after the store's last block. */
export function openSubgraphRunner(options: SubgraphRunnerOptions): SubgraphRunner {
  const { subgraph, store } = options
  const openRun = runOpener(options)
  const monitor = options.files ?? openFileMonitor(NO_FILES)
  const rollUps = openRollUps(subgraph.schema, store)
  let sources = runningSources(subgraph, store.createdSources())
  let files = openRunningFiles(subgraph, store.createdSources())
  for (const file of files.unread()) monitor.watch(file)
  const failsForGood = () => store.lastFailures().length > 0 && !subgraph.hasNonFatalErrors
  let hasFailed = failsForGood()
  return {
    runBlock: async (block) => {
      if (hasFailed) throw failedBefore(block)
      const run = openRun(block)
      const later = await runSources(run, sources, files)
      const isFatal = run.failures.length > 0 && !subgraph.hasNonFatalErrors
      const found = monitor.found()
      const ofFiles = isFatal ? NOTHING_READ : runFiles(run, found, files, later.files)
      const created = [...later.created, ...ofFiles.created]
      const changes = await rollUps.withBuckets(
        blockChanges(run, isFatal, created, ofFiles.changes),
      )
      await store.commit(changes)
      rollUps.advance(changes)
      hasFailed = isFatal
      if (!hasFailed) {
        sources = [...sources, ...later.sources]
        for (const file of found) monitor.forget(file)
        files.keep(created)
        for (const file of [...later.files, ...ofFiles.files]) monitor.watch(file)
      }
      return {
        handlerCount: run.handlerCount,
        triggerCount: run.triggerCount,
        changeCount: changes.changes.length,
        failures: run.failures,
        hasFailed,
      }
    },
    revertTo: async (blockNumber) => {
      rollUps.forget()
      await store.revertTo(blockNumber)
      sources = runningSources(subgraph, store.createdSources())
      files = openRunningFiles(subgraph, store.createdSources())
      for (const file of files.unread()) monitor.watch(file)
      hasFailed = failsForGood()
    },
    hasFailed: () => hasFailed,
    interests: () =>
      sources.map(({ address, template }) => ({
        address,
        topics: template.eventHandlers.flatMap(({ topics }) => topics[0] ?? []),
      })),
    handlesBlock: (blockNumber) =>
      monitor.found().length > 0 || hasBlockTrigger(blockNumber, sources),
    waitingFiles: () => monitor.waiting(),
  }
}

function runOpener(options: SubgraphRunnerOptions): (block: ChainBlock) => BlockRun {
  const { subgraph, store, chain } = options
  const kernel = openProofKernel()
  const machines = openMappingMachines()
  // Every data source of a manifest has the same apiVersion, from 0.0.5 on.
  const refusesUnknownFields = subgraph.sources.some(({ api }) => api >= 8)
  return (block) => {
    const proof = openBlockProof(kernel, block.number)
    const { schema } = subgraph
    const { number: blockNumber, timestamp } = block
    const entities = openBlockEntities({
      store,
      schema,
      proof,
      blockNumber,
      timestamp,
      refusesUnknownFields,
    })
    return {
      options,
      block,
      proof,
      entities,
      machines,
      answers: openChainAnswers(chain, block),
      failures: [],
      created: [],
      receipts: undefined,
      handlerCount: 0,
      triggerCount: 0,
    }
  }
}

type LaterSources = {
  readonly sources: readonly RunningSource[]
  readonly files: readonly RunningFile[]
  readonly created: readonly CreatedSource[]
}

/** Sources that handlers create run over the same block, and so do those that they create. */
async function runSources(
  run: BlockRun,
  sources: readonly RunningSource[],
  files: RunningFiles,
): Promise<LaterSources> {
  const later: RunningSource[] = []
  const laterFiles: RunningFile[] = []
  const created: CreatedSource[] = []
  await runTriggers(run, matchTriggers(run.block, sources))
  for (let round = 0; run.created.length > 0; round += 1) {
    if (round === SOURCE_ROUND_COUNT_MAX) throw endlessSources(run.block)
    const fresh: RunningSource[] = []
    for (const source of run.created.splice(0)) {
      const file = files.fresh(source, laterFiles)
      if (file !== undefined) {
        laterFiles.push(file)
        created.push(createdFile(file))
      }
      const template = run.options.subgraph.templates.find(({ name }) => name === source.template)
      const running = template === undefined ? undefined : startSource(template, source)
      if (running === undefined) continue
      if ([...sources, ...later].some((other) => isSameSource(running, other))) continue
      later.push(running)
      fresh.push(running)
      created.push(source)
    }
    await runTriggers(run, matchTriggers(run.block, fresh))
  }
  return { sources: later, files: laterFiles, created }
}

type ReadFiles = {
  readonly changes: readonly EntityChange[]
  readonly created: readonly CreatedSource[]
  /** Those that files named. */
  readonly files: readonly RunningFile[]
}

/** Runs the files that are here, each once; those that they name are looked for from then on. */
function runFiles(
  run: BlockRun,
  found: readonly FoundFile[],
  files: RunningFiles,
  named: readonly RunningFile[],
): ReadFiles {
  const fresh = [...named]
  const changes: EntityChange[] = []
  const created: CreatedSource[] = []
  let nextVid = run.entities.nextVid()
  for (const { bytes, ...name } of found) {
    for (const file of files.due(name)) {
      const outcome = runFile(run, file, bytes, nextVid)
      nextVid = outcome.nextVid
      changes.push(...outcome.changes)
      created.push(readFileRecord(file, run.block.number))
      for (const source of run.created.splice(0)) {
        const next = files.fresh(source, fresh)
        if (next === undefined) continue
        fresh.push(next)
        created.push(createdFile(next))
      }
    }
  }
  return { changes, created, files: fresh.slice(named.length) }
}

async function runTriggers(run: BlockRun, triggers: readonly Trigger[]): Promise<void> {
  await run.answers.fetchDeclared(triggers.flat())
  for (const trigger of triggers) {
    run.triggerCount += 1
    run.proof.startTrigger()
    const failureCount = run.failures.length
    for (const handlerRun of trigger) await runHandler(run, handlerRun)
    if (run.failures.length > failureCount) run.proof.writeError()
  }
}

/** A block with a handler that failed for good leaves its proof and nothing else. */
function blockChanges(
  run: BlockRun,
  hasFailed: boolean,
  createdSources: readonly CreatedSource[],
  changesOfFiles: readonly EntityChange[],
): Omit<BlockChanges, 'buckets'> {
  const { block, proof, entities, options, failures, triggerCount } = run
  const hash = bytesText(block.hash)
  return {
    block: { number: block.number, hash, timestamp: block.timestamp },
    changes: hasFailed ? [] : [...entities.changes(), ...changesOfFiles],
    proof: triggerCount === 0 ? undefined : proof.end(options.store.proof()),
    createdSources: hasFailed ? [] : createdSources,
    failures,
  }
}

function endlessSources(block: ChainBlock): NonDeterministicError {
  return new NonDeterministicError(
    `expected data sources that stop creating others in block ${block.number}, found more than ${SOURCE_ROUND_COUNT_MAX} rounds`,
    'SUBGRAPH_SOURCES_ENDLESS',
  )
}

function failedBefore(block: ChainBlock): NonDeterministicError {
  return new NonDeterministicError(
    `expected a subgraph that can run block ${block.number}, found one that failed before`,
    'SUBGRAPH_FAILED',
    'Mend the handler, build the subgraph again and load it as a new one.',
  )
}

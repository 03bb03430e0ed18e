import type { ChainBlock, ChainReceipt } from './chain-source.ts'
import type { BlockEntities } from './entity-cache/block-entities.ts'
import type { CreatedSource, SubgraphFailure } from './entity-cache/entity-store.ts'
import { bytesText, type Entity } from './entity-cache/entity.ts'
import {
  DeterministicError,
  failureKind,
  failureMessage,
  NonDeterministicError,
} from './failure.ts'
import { fileName } from './files/file-monitor.ts'
import { HandlerError, type HandlerPlace } from './handler-error.ts'
import type { AscHeap, Pointer } from './heap/asc-heap.ts'
import { writeBlock, writeEvent } from './heap/chain-objects.ts'
import type { HostContext, LogLevel } from './host/host-context.ts'
import type { MappingMachines } from './mapping-machines.ts'
import type { BlockProof } from './poi/proof-of-indexing.ts'
import type { SubgraphRunnerOptions } from './subgraph-runner.ts'
import { type ChainAnswers, UnansweredError } from './triggers/contract-calls.ts'
import type { HandlerRun } from './triggers/match-triggers.ts'
import { createdAddress } from './triggers/running-source.ts'

/** One block on its way through the handlers. */
export type BlockRun = {
  readonly options: SubgraphRunnerOptions
  readonly block: ChainBlock
  readonly proof: BlockProof
  readonly entities: BlockEntities
  readonly answers: ChainAnswers
  readonly machines: MappingMachines
  readonly failures: SubgraphFailure[]
  /** What handlers created and nothing ran yet. */
  readonly created: CreatedSource[]
  receipts: ReadonlyMap<number, ChainReceipt> | undefined
  handlerCount: number
  triggerCount: number
}

const REPLAY_COUNT_MAX = 10_000
const NO_ENTITY: Entity = new Map()

/**
 * Runs one handler; where it needs an answer of the chain it is stopped, and runs again with it.
 *
 * A failure that every run repeats is recorded, and what the handler wrote is dropped.
 *
 * @throws {HandlerError} for every other failure.
 */
export async function runHandler(run: BlockRun, handlerRun: HandlerRun): Promise<void> {
  if (handlerRun.type === 'event' && handlerRun.handler.needsReceipt) {
    run.receipts ??= await run.options.chain.receipts(run.block)
  }
  const mark = run.entities.startHandler(placeOf(run, handlerRun))
  const proofMark = run.proof.mark()
  for (let replay = 0; replay < REPLAY_COUNT_MAX; replay += 1) {
    const attempt: Attempt = { created: [], lines: [] }
    try {
      callHandler(run, handlerRun, attempt)
      tellLog(run, handlerRun, attempt)
      run.handlerCount += 1
      run.entities.keepHandler()
      run.created.push(...attempt.created)
      return
    } catch (error) {
      if (!(error instanceof UnansweredError)) {
        tellLog(run, handlerRun, attempt)
        return failHandler(run, handlerRun, error)
      }
      run.entities.goBack(mark)
      run.proof.goBack(proofMark)
      await fetchAnswer(run, handlerRun, error)
    }
  }
  const tooMany = new NonDeterministicError(
    `expected a handler that reads the chain at most ${REPLAY_COUNT_MAX} times, found more`,
  )
  throw new HandlerError(placeOf(run, handlerRun), tooMany)
}

/** What an attempt leaves where it succeeds. */
type Attempt = {
  readonly created: CreatedSource[]
  readonly lines: { readonly level: LogLevel; readonly message: string }[]
}

async function fetchAnswer(
  run: BlockRun,
  handlerRun: HandlerRun,
  { question }: UnansweredError,
): Promise<void> {
  try {
    await run.answers.fetch(question)
  } catch (error) {
    throw new HandlerError(placeOf(run, handlerRun), error)
  }
}

function failHandler(run: BlockRun, handlerRun: HandlerRun, error: unknown): void {
  const place = placeOf(run, handlerRun)
  if (failureKind(error) !== 'deterministic') throw new HandlerError(place, error)
  run.handlerCount += 1
  run.entities.dropHandler()
  const blockHash = bytesText(run.block.hash)
  run.failures.push({ ...place, blockHash, message: failureMessage(error) })
}

function callHandler(run: BlockRun, handlerRun: HandlerRun, attempt: Attempt): void {
  const machine = run.machines(handlerRun.source.template)
  machine.context = handlerContext(run, handlerRun, attempt)
  try {
    machine.instance.run(handlerRun.handler.handler, (heap) => writeTrigger(heap, run, handlerRun))
  } finally {
    machine.context = undefined
  }
}

function writeTrigger(heap: AscHeap, run: BlockRun, handlerRun: HandlerRun): Pointer {
  const { api } = handlerRun.source.template
  if (handlerRun.type === 'block') return writeBlock(heap, run.block, api)
  const { log, parameters, handler } = handlerRun
  const transaction = run.block.transactions.get(log.transactionIndex)
  if (transaction === undefined) throw new NonDeterministicError('Found no transaction for event')
  const receipt = handler.needsReceipt ? run.receipts?.get(log.transactionIndex) : undefined
  const event = { block: run.block, transaction, log, parameters }
  return writeEvent(heap, receipt === undefined ? event : { ...event, receipt }, api)
}

function handlerContext(run: BlockRun, { source }: HandlerRun, attempt: Attempt): HostContext {
  const { options, answers, entities } = run
  return {
    entities,
    dataSource: {
      address: source.addressBytes,
      network: options.subgraph.network,
      context: source.context ?? NO_ENTITY,
      create: (template, parameters, context) => {
        const address = checkCreation(run, template, parameters)
        if (address === undefined) {
          const message = `data source ${template} was not created, found the name ${parameters[0] ?? ''}`
          attempt.lines.push({ level: 'warning', message })
          return
        }
        attempt.created.push({ template, address, context, block: run.block.number })
      },
    },
    chain: {
      call: (request) => answers.call(request, source.template.abis),
      balance: answers.balance,
      hasCode: answers.hasCode,
    },
    log: (level, message) => attempt.lines.push({ level, message }),
    ensName: options.ensName,
  }
}

/**
 * What a data source is created for: an address, or a file. Undefined for a file that has no name:
 * graph-node leaves it out and goes on.
 *
 * @throws {DeterministicError} for a template that does not exist.
 */
export function checkCreation(
  run: BlockRun,
  name: string,
  parameters: readonly string[],
): string | undefined {
  const { templates, fileTemplates } = run.options.subgraph
  const [parameter] = parameters
  const file = fileTemplates.find((template) => template.name === name)
  if (file === undefined && !templates.some((template) => template.name === name)) {
    const names = [...templates, ...fileTemplates]
      .toSorted((a, b) => a.manifestIndex - b.manifestIndex)
      .map((template) => template.name)
      .join(', ')
    throw new DeterministicError(
      `Failed to create data source from name \`${name}\`: No template with this name. Available names: ${names}.`,
    )
  }
  if (file !== undefined && parameter !== undefined) return fileName(file.kind, parameter)
  const address = createdAddress(parameter)
  if (address !== undefined) return address
  throw new NonDeterministicError(
    `expected an address for the data source ${name}, found ${parameter ?? 'none'}`,
    'SUBGRAPH_SOURCE_INVALID',
  )
}

function placeOf(run: BlockRun, handlerRun: HandlerRun): HandlerPlace {
  return {
    dataSource: handlerRun.source.template.name,
    handler: handlerRun.handler.handler,
    block: run.block.number,
    logIndex: handlerRun.type === 'event' ? handlerRun.log.logIndex : undefined,
  }
}

function tellLog(run: BlockRun, handlerRun: HandlerRun, { lines }: Attempt): void {
  const { onLog } = run.options
  if (onLog === undefined) return
  const { dataSource, handler, block } = placeOf(run, handlerRun)
  for (const { level, message } of lines) onLog({ level, message, dataSource, handler, block })
}

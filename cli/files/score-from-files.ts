import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'

import { RunAbortedError } from '@foggara/gpu-analytics'
import { FatalError } from '@foggara/schema'

import { OptionMalformedError } from '../arguments.ts'
import { type Context, type OptionValues, flagOption, textOption } from '../command.ts'
import { ENGINE_NAMES, THREAD_COUNT_MAX } from '../engine/engine-names.ts'
import { type EngineSettings, openEngine } from '../engine/open-engine.ts'
import { tellProgress } from '../engine/run-progress.ts'
import { amountOption, countOption, fractionQ32Option, wordOption } from '../option-values.ts'
import { type InputFile, readInput } from './input-file.ts'
import { csvOf, jsonOf, printTable } from './print-scores.ts'
import { type FileScoreResult, scoreFiles } from './score-files.ts'
import { PARALLEL_RULES, readEdges, readIds, readWeights } from './weighted-files.ts'

/** What a node passes on unless told otherwise: 0.85 as u32 / 2^32, floored. */
export const DAMPING_Q32 = 3_650_722_201
/** A text of JavaScript holds no more. */
const TEXT_BYTES_MAX = 0x1fff_ffe8
/** How often a rank iterates unless told otherwise. */
export const ITERATION_COUNT = 64

/** Runs `foggara score --edges …` and prints or writes its result. */
export async function scoreFromFiles(options: OptionValues, context: Context): Promise<number> {
  const budget = amountOption(options, 'budget')
  if (budget === undefined) {
    throw new OptionMalformedError('--budget', 'a whole number of base units', 'none')
  }
  const parallel = wordOption(options, 'parallel', PARALLEL_RULES) ?? 'sum'
  const parameters = {
    budget,
    parallel,
    passThroughQ32: fractionQ32Option(options, 'damping') ?? DAMPING_Q32,
    stop: {
      type: 'count' as const,
      iterationCount: countOption(options, 'iterations', { min: 1, max: 1000 }) ?? ITERATION_COUNT,
    },
    capBps: BigInt(countOption(options, 'cap-bps', { min: 1, max: 10_000 }) ?? 10_000),
    payoutMin: amountOption(options, 'min') ?? 0n,
  }
  const settings = engineSettings(options)
  const limit = countOption(options, 'limit', { min: 0, max: 1_000_000 }) ?? 20
  const inputs = await readInputs(options, context)
  const problem = {
    ...parameters,
    edges: readEdges(inputs.edges.name, textOf(inputs.edges), parallel),
    teleport: inputs.teleport && readWeights(inputs.teleport.name, textOf(inputs.teleport)),
    payees: inputs.payees && readIds(inputs.payees.name, textOf(inputs.payees)),
  }
  await checkNotStopped(context)
  await using opened = await openEngine(settings)
  const result = await scoreFiles(problem, opened.engine, {
    signal: context.stopped,
    onProgress: tellProgress(context, 'rank'),
  })
  if (parallel === 'last' && result.mergedRowCount > 0) {
    context.warn(
      `ROW_ORDER_MATTERS --parallel last kept the later of ${result.mergedRowCount} repeated rows: another order of rows gives another result`,
    )
  }
  const manifest = manifestOf(inputs, problem, result)
  const out = textOption(options, 'out')
  const isPiped = out === '-'
  if (isPiped) context.print(csvOf(result.rows))
  else if (out !== undefined) {
    await writeFile(path.resolve(context.directory, out), `${csvOf(result.rows)}\n`)
  }
  const print = isPiped ? context.warn : context.print
  if (flagOption(options, 'json')) print(jsonOf(result, manifest, out === undefined))
  else printTable(result, manifest, limit, budget, print)
  return 0
}

type Inputs = {
  readonly edges: InputFile
  readonly teleport: InputFile | undefined
  readonly payees: InputFile | undefined
}

async function readInputs(options: OptionValues, context: Context): Promise<Inputs> {
  const read = async (name: string) => {
    const file = textOption(options, name)
    return file === undefined ? undefined : readInput(context.directory, file)
  }
  const [edges, teleport, payees] = await Promise.all([
    readInput(context.directory, textOption(options, 'edges') ?? ''),
    read('teleport'),
    read('payees'),
  ])
  return { edges, teleport, payees }
}

/** Which engine the command line asks for. */
export function engineSettings(options: OptionValues): EngineSettings {
  const clickhouseUrl = textOption(options, 'clickhouse-url')
  return {
    ...(clickhouseUrl === undefined ? {} : { clickhouseUrl }),
    engine: wordOption(options, 'engine', ENGINE_NAMES) ?? 'auto',
    threadCount: countOption(options, 'threads', { min: 1, max: THREAD_COUNT_MAX }),
    takesSoftwareGpu: true,
  }
}

/** Reading holds the process up: lets a wish to stop through that came meanwhile. */
async function checkNotStopped({ stopped }: Context): Promise<void> {
  await nextTurn()
  if (stopped.aborted) throw new RunAbortedError('the files were read', stopped.reason)
}

function textOf(file: InputFile): string {
  if (file.bytes.length > TEXT_BYTES_MAX) throw new FileTooLargeError(file.name, file.bytes.length)
  return new TextDecoder().decode(file.bytes)
}

/** What a result was computed from and how, with every hash. */
export type FileManifest = ReturnType<typeof manifestOf>

function manifestOf(
  inputs: Inputs,
  problem: Parameters<typeof scoreFiles>[0],
  result: FileScoreResult,
) {
  const files = Object.entries(inputs).flatMap(([role, file]) =>
    file === undefined ? [] : [[role, { file: file.name, sha256: file.sha256 }] as const],
  )
  return {
    format: 'foggara-files-1',
    inputs: Object.fromEntries(files),
    parameters: {
      budget: problem.budget.toString(),
      parallel: problem.parallel,
      passThroughQ32: problem.passThroughQ32,
      iterationCount: result.iterationCount,
      capBps: Number(problem.capBps),
      payoutMin: problem.payoutMin.toString(),
      edgeWeightScale: problem.edges.scale,
      teleportWeightScale: problem.teleport?.scale ?? null,
    },
    graph: {
      nodeCount: result.nodeCount,
      edgeCount: result.edgeCount,
      mergedRowCount: result.mergedRowCount,
      selfLoopCount: result.selfLoopCount,
      zeroWeightRowCount: result.zeroWeightRowCount,
    },
    engine: result.execution.engine,
    notes: result.execution.notes,
    dust: result.dust.toString(),
    rankDigest: result.rankDigest,
    scoresSha256: result.scoresSha256,
    amountsSha256: result.amountsSha256,
  }
}

/** A file is too large to be taken as a whole. */
export class FileTooLargeError extends FatalError {
  constructor(name: string, byteLength: number) {
    super(
      'FILE_TOO_LARGE',
      `${name}: expected at most ${TEXT_BYTES_MAX} bytes, found ${byteLength}`,
      { hint: 'Edges of any size: foggara graph build --edges FILE --out FOLDER' },
    )
  }
}

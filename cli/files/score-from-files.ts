import { writeFile } from 'node:fs/promises'
import path from 'node:path'

import { type RankEngine, createWasmEngine, referenceEngine } from '@foggara/gpu-analytics'

import { OptionMalformedError } from '../arguments.ts'
import { type Context, type OptionValues, flagOption, textOption } from '../command.ts'
import { amountOption, countOption, fractionQ32Option, wordOption } from '../option-values.ts'
import { type InputFile, readInput } from './input-file.ts'
import { type FileScoreResult, type FileScoreRow, scoreFiles } from './score-files.ts'
import { PARALLEL_RULES, readEdges, readIds, readWeights } from './weighted-files.ts'

/** 0.85 as u32 / 2^32, floored. */
const DAMPING_Q32 = 3_650_722_201

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
      iterationCount: countOption(options, 'iterations', { min: 1, max: 1000 }) ?? 64,
    },
    capBps: BigInt(countOption(options, 'cap-bps', { min: 1, max: 10_000 }) ?? 10_000),
    payoutMin: amountOption(options, 'min') ?? 0n,
  }
  const engine = await engineNamed(wordOption(options, 'engine', ['wasm', 'reference']) ?? 'wasm')
  const limit = countOption(options, 'limit', { min: 0, max: 1_000_000 }) ?? 20
  const inputs = await readInputs(options, context)
  const problem = {
    ...parameters,
    edges: readEdges(inputs.edges.name, textOf(inputs.edges), parallel),
    teleport: inputs.teleport && readWeights(inputs.teleport.name, textOf(inputs.teleport)),
    payees: inputs.payees && readIds(inputs.payees.name, textOf(inputs.payees)),
  }
  const result = await scoreFiles(problem, engine)
  if (parallel === 'last' && result.mergedRowCount > 0) {
    context.warn(
      `ROW_ORDER_MATTERS --parallel last kept the later of ${result.mergedRowCount} repeated rows: another order of rows gives another result`,
    )
  }
  const manifest = manifestOf(inputs, problem, result, engine)
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

async function engineNamed(name: 'wasm' | 'reference'): Promise<RankEngine> {
  return name === 'wasm' ? createWasmEngine() : referenceEngine
}

function textOf(file: InputFile): string {
  return new TextDecoder().decode(file.bytes)
}

function manifestOf(
  inputs: Inputs,
  problem: Parameters<typeof scoreFiles>[0],
  result: FileScoreResult,
  engine: RankEngine,
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
    engine: engine.name,
    dust: result.dust.toString(),
    scoresSha256: result.scoresSha256,
    amountsSha256: result.amountsSha256,
  }
}

function csvOf(rows: readonly FileScoreRow[]): string {
  const lines = rows.map((row) => [quoted(row.id), row.score, row.amount, row.carried].join(','))
  return ['id,score,amount,carried', ...lines].join('\n')
}

function quoted(id: string): string {
  return /[",\n\r]/.test(id) ? `"${id.replaceAll('"', '""')}"` : id
}

function jsonOf(
  result: FileScoreResult,
  manifest: ReturnType<typeof manifestOf>,
  withRows: boolean,
): string {
  const rows = result.rows.map((row) => ({
    id: row.id,
    score: row.score.toString(),
    amount: row.amount.toString(),
    carried: row.carried.toString(),
  }))
  return JSON.stringify({
    manifest,
    paid: result.paid.toString(),
    carried: result.carried.toString(),
    unallocated: result.unallocated.toString(),
    ...(withRows ? { rows } : {}),
  })
}

function printTable(
  result: FileScoreResult,
  manifest: ReturnType<typeof manifestOf>,
  limit: number,
  budget: bigint,
  print: (line: string) => void,
): void {
  const shown = result.rows.slice(0, limit)
  const idWidth = Math.min(44, Math.max(5, ...shown.map((row) => row.id.length)))
  const amountWidth = Math.max(6, ...shown.map((row) => row.amount.toString().length))
  print(`${'payee'.padEnd(idWidth)}  ${'score'.padStart(19)}  ${'amount'.padStart(amountWidth)}`)
  for (const row of shown) {
    const id = row.id.length > idWidth ? `${row.id.slice(0, idWidth - 1)}…` : row.id.padEnd(idWidth)
    print(
      `${id}  ${row.score.toString().padStart(19)}  ${row.amount.toString().padStart(amountWidth)}`,
    )
  }
  const hidden = result.rows.length - shown.length
  if (hidden > 0) print(`… and ${hidden} more (--limit, --out FILE)`)
  print('')
  print(`${result.nodeCount} nodes, ${result.edgeCount} edges, ${result.iterationCount} iterations`)
  print(
    `paid ${result.paid} + carried ${result.carried} + unallocated ${result.unallocated} = budget ${budget}`,
  )
  for (const [role, input] of Object.entries(manifest.inputs)) {
    print(`${role} ${input.file} sha256 ${input.sha256}`)
  }
  print(`scores sha256 ${result.scoresSha256}`)
  print(`amounts sha256 ${result.amountsSha256}`)
}

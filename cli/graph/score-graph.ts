import path from 'node:path'

import {
  type GraphFolder,
  type RankResult,
  createWasmEngine,
  openGraphFolder,
  rankDigest,
  readGraphFolder,
} from '@foggara/gpu-analytics'

import { OptionMalformedError } from '../arguments.ts'
import { type Context, type OptionValues, flagOption, textOption } from '../command.ts'
import { type EngineSettings, openEngine } from '../engine/open-engine.ts'
import { tellProgress } from '../engine/run-progress.ts'
import { engineSettings } from '../files/score-from-files.ts'
import { countOption, fractionQ32Option } from '../option-values.ts'
import { fromPlaces } from './degree-order.ts'
import { readFacts } from './node-files.ts'
import { type NodeProblem, readNodeProblem } from './node-problem.ts'
import { printGraphScores } from './print-graph-scores.ts'
import { rankWithCheckpoints } from './rank-with-checkpoints.ts'
import { checkScoreFormat, greatestScores, writeScores } from './write-scores.ts'

/** Runs `foggara score --graph FOLDER`: edges stream from the disk, only nodes stay in memory. */
export async function scoreGraph(options: OptionValues, context: Context): Promise<number> {
  const out = textOption(options, 'out')
  if (out !== undefined) checkScoreFormat(out)
  const settings = engineSettings(options)
  const limit = countOption(options, 'limit', { min: 0, max: 1_000_000 }) ?? 20
  const folder = path.resolve(context.directory, textOption(options, 'graph') ?? '')
  await using opened = await openGraphFolder(folder)
  const facts = await readFacts(folder)
  const rules = {
    dampingQ32: fractionQ32Option(options, 'damping'),
    iterationCount: countOption(options, 'iterations', { min: 1, max: 1000 }),
    teleportFile: textOption(options, 'teleport'),
  }
  const { ids, places, vectors } = await readNodeProblem(folder, facts, rules, context.directory)
  const startMs = context.nowMs()
  const placed = isStreamed(settings)
    ? await rankStreamed(folder, opened, vectors, options, context)
    : await rankInMemory(settings, opened, vectors, options, context)
  const seconds = (context.nowMs() - startMs) / 1000
  const result = { ...placed, scores: fromPlaces(placed.scores, places) }
  const written =
    out === undefined
      ? undefined
      : {
          file: out,
          sha256: await writeScores(path.resolve(context.directory, out), result.scores, ids),
        }
  printGraphScores(
    {
      facts,
      edgeCount: opened.edgeCount,
      result,
      seconds,
      digest: rankDigest(result),
      greatest: greatestScores(result.scores, ids, limit),
      written,
    },
    flagOption(options, 'json'),
    context,
  )
  return 0
}

type Vectors = NodeProblem['vectors']

/** Only WASM takes edges as they come from the disk. */
function isStreamed({ engine }: EngineSettings): boolean {
  return engine === 'auto' || engine === 'wasm'
}

async function rankStreamed(
  folder: string,
  { nodeCount, edgeCount, outDegrees, shifts, slabs }: GraphFolder,
  vectors: Vectors,
  options: OptionValues,
  context: Context,
): Promise<RankResult> {
  const { threadCount } = engineSettings(options)
  const engine = await createWasmEngine(threadCount === undefined ? {} : { threads: threadCount })
  const result = await rankWithCheckpoints(
    engine,
    { ...vectors, nodeCount, edgeCount, outDegrees, shifts, slabs },
    {
      path: path.join(folder, 'rank.checkpoint'),
      resumes: flagOption(options, 'resume'),
      everyMs: 1000 * (countOption(options, 'checkpoint-seconds', { min: 0, max: 86_400 }) ?? 10),
    },
    context,
  )
  const note = 'Edges streamed from the disk, which only WASM does.'
  const { execution } = result
  return { ...result, execution: { ...execution, notes: [note, ...execution.notes] } }
}

async function rankInMemory(
  settings: EngineSettings,
  opened: GraphFolder,
  vectors: Vectors,
  options: OptionValues,
  context: Context,
): Promise<RankResult> {
  if (flagOption(options, 'resume')) {
    throw new OptionMalformedError('--resume', 'the engine wasm', settings.engine)
  }
  await using found = await openEngine(settings)
  const { graph, weights } = await readGraphFolder(opened)
  return await found.engine.rank(
    { ...vectors, graph, weights },
    { signal: context.stopped, onProgress: tellProgress(context, 'rank') },
  )
}

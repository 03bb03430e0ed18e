import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'

import { type GraphFolder, openGraphFolder } from '@foggara/gpu-analytics'

import { type Context, type OptionValues, flagOption } from '../command.ts'
import { type NodeFacts, readFacts } from './node-files.ts'

/** What a graph folder holds. */
export type GraphInfo = {
  readonly facts: NodeFacts
  readonly edgeCount: number
  readonly isWeighted: boolean
  readonly mergedRowCount: number
  readonly selfLoopCount: number
  readonly zeroWeightRowCount: number
  /** Nodes that pass nothing on. */
  readonly danglingNodeCount: number
  readonly byteCount: number
}

/** Runs `foggara graph info FOLDER`. */
export async function printGraphInfo(
  name: string,
  options: OptionValues,
  context: Context,
): Promise<number> {
  const folder = path.resolve(context.directory, name)
  await using opened = await openGraphFolder(folder)
  printInfo(await graphInfo(folder, opened), flagOption(options, 'json'), context)
  return 0
}

/** Collects what there is to say about a folder. */
export async function graphInfo(folder: string, opened: GraphFolder): Promise<GraphInfo> {
  let danglingNodeCount = 0
  for (const degree of opened.outDegrees) if (degree === 0) danglingNodeCount++
  return {
    facts: await readFacts(folder),
    edgeCount: opened.edgeCount,
    isWeighted: opened.shifts !== 'equal',
    mergedRowCount: opened.mergedRowCount,
    selfLoopCount: opened.selfLoopCount,
    zeroWeightRowCount: opened.zeroWeightRowCount,
    danglingNodeCount,
    byteCount: await byteCountOf(folder),
  }
}

/** Prints what a folder holds. */
export function printInfo(info: GraphInfo, asJson: boolean, context: Context): void {
  const { facts, edgeCount, mergedRowCount, selfLoopCount, zeroWeightRowCount } = info
  if (asJson) {
    context.print(JSON.stringify({ ...info, facts: undefined, ...facts }))
    return
  }
  const { nodeCount, rowCount } = facts
  const weights = info.isWeighted ? 'weighted' : 'every edge alike'
  context.print(facts.origin)
  context.print(`${nodeCount} nodes, ${info.danglingNodeCount} of them without an out-edge`)
  context.print(`${edgeCount} edges, ${weights}`)
  context.print(
    `${rowCount} rows: ${mergedRowCount} added to another, ${selfLoopCount} self loops, ${zeroWeightRowCount} of weight 0`,
  )
  if (facts.weightScale > 0) context.print(`weights in units of 10^-${facts.weightScale}`)
  const perEdge = edgeCount === 0 ? '' : `, ${(info.byteCount / edgeCount).toFixed(1)} per edge`
  context.print(`${info.byteCount} bytes${perEdge}`)
}

async function byteCountOf(folder: string): Promise<number> {
  let byteCount = 0
  for (const name of await readdir(folder, { recursive: true })) {
    const found = await stat(path.join(folder, name))
    if (found.isFile()) byteCount += found.size
  }
  return byteCount
}

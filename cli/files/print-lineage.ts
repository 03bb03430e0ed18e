import {
  type Lineage,
  ancestorsOf,
  buildLineage,
  cyclesOf,
  descendantsOf,
  unresolvedParentsOf,
} from '@foggara/gpu-analytics'
import { FatalError } from '@foggara/schema'

import type { Context } from '../command.ts'
import { nearestName } from '../nearest-name.ts'
import { readInput } from './input-file.ts'
import { readLineage } from './lineage-file.ts'

/** What `foggara lineage` was asked. */
export type LineageQuestion = {
  readonly file: string
  readonly asset: string | undefined
  readonly direction: 'up' | 'down'
  readonly depthMax: number
  readonly asJson: boolean
}

/** Answers a question about a lineage file on standard output. */
export async function printLineage(context: Context, question: LineageQuestion): Promise<number> {
  const input = await readInput(context.directory, question.file)
  const lineage = buildLineage(readLineage(input))
  const answer =
    question.asset === undefined
      ? aboutFile(lineage)
      : aboutAsset(lineage, question.asset, question.direction, question.depthMax)
  if (question.asJson) {
    context.print(JSON.stringify({ file: input.name, sha256: input.sha256, ...answer.json }))
  } else {
    for (const line of answer.lines) context.print(line)
  }
  return 0
}

type Answer = {
  readonly lines: readonly string[]
  readonly json: Readonly<Record<string, unknown>>
}

function aboutFile(lineage: Lineage): Answer {
  const { cycles, isComplete } = cyclesOf(lineage)
  const unresolved = [...lineage.unresolved.keys()]
  const { recordCount, dependencyCount, repeatedNames } = lineage
  const lines = [
    `${recordCount} records of ${lineage.names.length} assets, ${dependencyCount} dependencies`,
    `${repeatedNames.length} names carried by several assets`,
    ...repeatedNames.map((name) => `  ${name}`),
    `${unresolved.length} unresolved names`,
    ...unresolved.map((name) => `  ${name} (${lineage.unresolved.get(name)?.join(', ')})`),
    `${cycles.length}${isComplete ? '' : ' or more'} cycles`,
    ...cycles.map(cycleLine),
  ]
  const nameCount = lineage.names.length
  return {
    lines,
    json: {
      recordCount,
      nameCount,
      dependencyCount,
      repeatedNames,
      unresolved,
      cycles,
      isComplete,
    },
  }
}

function aboutAsset(
  lineage: Lineage,
  asset: string,
  direction: 'up' | 'down',
  depthMax: number,
): Answer {
  if (!lineage.parents.has(asset)) throw new AssetUnknownError(asset, lineage)
  const reached =
    direction === 'up'
      ? ancestorsOf(lineage, asset, depthMax)
      : descendantsOf(lineage, asset, depthMax)
  const unresolved = unresolvedParentsOf(lineage, asset)
  const cycles = cyclesOf(lineage).cycles.filter(
    (names) => names.includes(asset) || reached.some(({ name }) => names.includes(name)),
  )
  const what = direction === 'up' ? 'ancestors' : 'descendants'
  const lines = [
    `${asset}: ${reached.length} ${what}`,
    ...reached.map(({ name, depth }) => `${'  '.repeat(Math.min(depth, 20))}${name}`),
    `${unresolved.length} unresolved names above it`,
    ...unresolved.map((name) => `  ${name}`),
    `${cycles.length} cycles among them`,
    ...cycles.map(cycleLine),
  ]
  return { lines, json: { asset, direction, reached, unresolved, cycles } }
}

function cycleLine(names: readonly string[]): string {
  return `  ${[...names, names[0]].join(' <- ')}`
}

/** A lineage file has no asset of that name. */
export class AssetUnknownError extends FatalError {
  constructor(found: string, lineage: Lineage) {
    const near = nearestName(found, lineage.names)
    super(
      'ASSET_UNKNOWN',
      `expected an asset of the file, found ${JSON.stringify(found)}`,
      near === undefined ? {} : { hint: `Did you mean ${JSON.stringify(near)}?` },
    )
  }
}

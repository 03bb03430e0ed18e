import path from 'node:path'

import { DIGEST_STEP, FatalError, LATEST_RELATIONS, digestSql } from '@foggara/schema'

import type { BlockSpan } from '../block-span.ts'
import { type Context, type OptionValues, flagOption } from '../command.ts'
import { loadConfig } from '../config.ts'
import { openDatabaseToRead } from '../service/open-database.ts'
import { type DatabaseSource, databaseSource } from './database-source.ts'
import { readDigestFile } from './digest-file.ts'
import { type BlockDifference, findDifference } from './find-difference.ts'
import { graphqlSource } from './graphql-source.ts'
import { longDigests } from './long-digests.ts'

/** What is digested. */
export type DigestRequest = {
  readonly from: number | undefined
  readonly to: number | undefined
  readonly level: number
  /** A URL or a file to compare with. */
  readonly compare: string | undefined
}

/** Runs `foggara digest`: 1 when what is compared differs. */
export async function runDigest(
  request: DigestRequest,
  options: OptionValues,
  context: Context,
): Promise<number> {
  const config = await loadConfig(options, context)
  await using database = await openDatabaseToRead(config, context.directory, () => undefined)
  const ours = await databaseSource(database.client)
  const asJson = flagOption(options, 'json')
  if (request.compare === undefined) {
    const form = { asJson, isSql: flagOption(options, 'sql') }
    return printDigests(ours, request, form, context)
  }
  return /^https?:/.test(request.compare)
    ? compareWithService(ours, request, request.compare, asJson, context)
    : compareWithFile(ours, path.resolve(context.directory, request.compare), context)
}

async function printDigests(
  ours: DatabaseSource,
  request: DigestRequest,
  { asJson, isSql }: { readonly asJson: boolean; readonly isSql: boolean },
  context: Context,
): Promise<number> {
  const span = spanOf(ours, request, ours.headBlock)
  const { level } = request
  if (isSql) {
    context.print(digestSql(LATEST_RELATIONS, level, span))
    return 0
  }
  const digests = await longDigests(ours, level, span)
  if (asJson) context.print(JSON.stringify({ level, ...span, digests }))
  for (const { firstBlock, lastBlock, digest } of asJson ? [] : digests) {
    context.print(`${`${firstBlock}-${lastBlock}`.padEnd(24)}${digest}`)
  }
  return 0
}

async function compareWithService(
  ours: DatabaseSource,
  request: DigestRequest,
  url: string,
  asJson: boolean,
  context: Context,
): Promise<number> {
  const theirs = await graphqlSource(url)
  const span = spanOf(ours, request, Math.min(ours.headBlock, theirs.headBlock))
  const difference = await findDifference(ours, theirs, span)
  const what = `blocks ${span.firstBlock} to ${span.lastBlock}`
  if (asJson)
    context.print(JSON.stringify({ ...span, equal: difference === undefined, difference }))
  else if (difference === undefined) context.print(`${what}: equal here and at ${theirs.name}`)
  else for (const line of differenceLines(difference, theirs.name)) context.print(line)
  return difference === undefined ? 0 : 1
}

/** A file has digests of one level: what is below them is asked for by another file. */
async function compareWithFile(
  ours: DatabaseSource,
  file: string,
  context: Context,
): Promise<number> {
  const { level, firstBlock, lastBlock, digests } = await readDigestFile(file)
  const theirs = new Map(digests.map((range) => [range.firstBlock, range]))
  const mine = await longDigests(ours, level, { firstBlock, lastBlock })
  const known = new Set(mine.map((range) => range.firstBlock))
  const different = [
    ...mine.filter((range) => theirs.get(range.firstBlock)?.digest !== range.digest),
    ...digests.filter((range) => !known.has(range.firstBlock)),
  ].toSorted((a, b) => a.firstBlock - b.firstBlock)
  const [first] = different
  if (first === undefined) {
    context.print(`blocks ${firstBlock} to ${lastBlock}: equal here and in ${file}`)
    return 0
  }
  context.print(`${different.length} of ${digests.length} ranges differ, the first of blocks`)
  context.print(`  ${first.firstBlock} to ${first.lastBlock}`)
  if (level > 0) {
    const span = `--from ${first.firstBlock} --to ${first.lastBlock}`
    context.print(`  ask for: foggara digest ${span} --level ${level - DIGEST_STEP} --json`)
    return 1
  }
  const block = await ours.block(first.firstBlock)
  context.print(`  here: ${block === undefined ? 'not indexed' : JSON.stringify(block)}`)
  return 1
}

function spanOf(ours: DatabaseSource, { from, to }: DigestRequest, head: number): BlockSpan {
  const span = { firstBlock: from ?? ours.firstBlock, lastBlock: to ?? head }
  if (span.firstBlock <= span.lastBlock && span.lastBlock <= head) return span
  throw new DigestSpanError(span, { firstBlock: ours.firstBlock, lastBlock: head })
}

function differenceLines(
  { block, ours, theirs, log }: BlockDifference,
  name: string,
): readonly string[] {
  if (log !== undefined) {
    return [
      `DIGEST_DIFFERS block ${block} log ${log.logIndex} is the first that differs`,
      `  here      ${log.ours === undefined ? 'none' : JSON.stringify(log.ours)}`,
      `  ${name}  ${log.theirs === undefined ? 'none' : JSON.stringify(log.theirs)}`,
    ]
  }
  return [
    `DIGEST_DIFFERS block ${block} is the first that differs`,
    `  here      ${ours === undefined ? 'not indexed' : `hash ${ours.hash}`}`,
    `  ${name}  ${theirs === undefined ? 'not indexed' : `hash ${theirs.hash}`}`,
  ]
}

/** Digests are asked for of blocks that are not all indexed. */
export class DigestSpanError extends FatalError {
  constructor(asked: BlockSpan, indexed: BlockSpan) {
    super(
      'DIGEST_SPAN',
      `expected blocks within ${indexed.firstBlock} to ${indexed.lastBlock}, found ${asked.firstBlock} to ${asked.lastBlock}`,
      { hint: 'Both indexes must hold the blocks that are compared.' },
    )
  }
}

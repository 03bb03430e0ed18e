import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'

import { FatalError } from '@foggara/schema'
import { z } from 'zod'

import { readColumn, writeColumns } from './column-file.ts'
import type { IdDictionary } from './id-dictionary.ts'

/** What a graph folder says about its nodes beside their edges, and where they came from. */
export type NodeFacts = z.output<typeof factsJson>

/** Per node, what decides a rank; absent where the command line decides. */
export type NodeColumns = {
  readonly passThroughQ32: Uint32Array | undefined
  readonly teleport: BigUint64Array | undefined
}

/** Of a graph of which only the edges are known. */
export const NO_COLUMNS: NodeColumns = { passThroughQ32: undefined, teleport: undefined }

/** The file that makes a folder whole. */
export const FACTS_FILE = 'nodes.json'
const ID_TEXT = 'ids.bin'
const ID_ENDS = 'id-ends.bin'
const PASS_THROUGH = 'pass-through.bin'
const TELEPORT = 'teleport.bin'
const PLACES = 'places.bin'

const CHUNK_BYTES = 1 << 22

const factsJson = z.strictObject({
  format: z.literal('foggara-nodes-1'),
  /** In words: a file, a generator with its seed, an epoch. */
  origin: z.string(),
  nodeCount: z.int().min(0),
  /** Rows that the edges were built from. */
  rowCount: z.int().min(0),
  /** The power of ten that weights were multiplied by. */
  weightScale: z.int().min(0),
  /** Undefined: nodes are numbers. */
  idByteLength: z.int().min(0).optional(),
  hasPassThrough: z.boolean(),
  hasTeleport: z.boolean(),
  /** Of an epoch, by its ruleset. */
  iterationCount: z.int().min(1).optional(),
})

/** Writes the facts; the last thing of a build, as a folder without them is not whole. */
export async function writeFacts(folder: string, facts: NodeFacts): Promise<void> {
  await writeFile(path.join(folder, FACTS_FILE), `${JSON.stringify(facts, null, 2)}\n`, {
    flush: true,
  })
}

/**
 * Reads the facts of a folder.
 *
 * @throws {GraphFolderError}
 */
export async function readFacts(folder: string): Promise<NodeFacts> {
  const file = path.join(folder, FACTS_FILE)
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new GraphFolderError(`${file}: expected a graph folder, found no such file`, cause)
  })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new GraphFolderError(`${file}: expected JSON, found other text`, cause)
  }
  const parsed = factsJson.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new GraphFolderError(`${file}: ${issue?.path.join('.')}: ${issue?.message}`)
}

/** Writes the ids in this order of their numbers; gives how many bytes they have together. */
export async function writeIds(
  folder: string,
  ids: IdDictionary,
  order: Uint32Array,
): Promise<number> {
  const ends = new BigUint64Array(order.length)
  let end = 0
  async function* texts(): AsyncGenerator<Uint8Array> {
    let chunk = new Uint8Array(CHUNK_BYTES)
    let length = 0
    for (let place = 0; place < order.length; place++) {
      const bytes = ids.bytesOf(order[place] ?? 0)
      if (length + bytes.length > CHUNK_BYTES) {
        yield chunk.subarray(0, length)
        chunk = new Uint8Array(CHUNK_BYTES)
        length = 0
      }
      chunk.set(bytes, length)
      length += bytes.length
      end += bytes.length
      ends[place] = BigInt(end)
    }
    yield chunk.subarray(0, length)
  }
  await writeColumns(path.join(folder, ID_TEXT), texts())
  await writeColumns(path.join(folder, ID_ENDS), [ends])
  return end
}

/** Ids by node, as they were written. */
export type NodeIds = {
  readonly bytesOf: (node: number) => Uint8Array
  /** The node of an id, undefined if there is none. */
  readonly find: (id: Uint8Array) => number | undefined
}

/** Reads the ids of a folder; undefined when its nodes are numbers. */
export async function readIds(folder: string, facts: NodeFacts): Promise<NodeIds | undefined> {
  if (facts.idByteLength === undefined) return undefined
  const text = await readColumn(path.join(folder, ID_TEXT), new Uint8Array(facts.idByteLength))
  const ends = await readColumn(path.join(folder, ID_ENDS), new BigUint64Array(facts.nodeCount))
  const endOf = (node: number): number => (node < 0 ? 0 : Number(ends[node] ?? 0n))
  const bytesOf = (node: number) => text.subarray(endOf(node - 1), endOf(node))
  return { bytesOf, find: (id) => findAscending(id, facts.nodeCount, bytesOf) }
}

function findAscending(
  id: Uint8Array,
  count: number,
  bytesOf: (node: number) => Uint8Array,
): number | undefined {
  let low = 0
  let high = count
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const order = Buffer.compare(bytesOf(middle), id)
    if (order === 0) return middle
    if (order < 0) low = middle + 1
    else high = middle
  }
  return undefined
}

/** Writes what nodes pass on and where influence starts, as far as it is given. */
export async function writeNodeColumns(folder: string, columns: NodeColumns): Promise<void> {
  const { passThroughQ32, teleport } = columns
  if (passThroughQ32 !== undefined) {
    await writeColumns(path.join(folder, PASS_THROUGH), [passThroughQ32])
  }
  if (teleport !== undefined) await writeColumns(path.join(folder, TELEPORT), [teleport])
}

/** Writes where each node stands among the edges. */
export async function writePlaces(folder: string, places: Uint32Array): Promise<void> {
  await writeColumns(path.join(folder, PLACES), [places])
}

/** Reads where each node stands among the edges. */
export async function readPlaces(folder: string, { nodeCount }: NodeFacts): Promise<Uint32Array> {
  return readColumn(path.join(folder, PLACES), new Uint32Array(nodeCount))
}

/** Reads what {@link writeNodeColumns} wrote. */
export async function readNodeColumns(folder: string, facts: NodeFacts): Promise<NodeColumns> {
  const { nodeCount, hasPassThrough, hasTeleport } = facts
  return {
    passThroughQ32: hasPassThrough
      ? await readColumn(path.join(folder, PASS_THROUGH), new Uint32Array(nodeCount))
      : undefined,
    teleport: hasTeleport
      ? await readColumn(path.join(folder, TELEPORT), new BigUint64Array(nodeCount))
      : undefined,
  }
}

/** A folder holds no graph, or not a whole one. */
export class GraphFolderError extends FatalError {
  constructor(detail: string, cause?: unknown) {
    super('GRAPH_FOLDER_MALFORMED', detail, {
      cause,
      hint: 'Make one with: foggara graph build --edges FILE --out FOLDER',
    })
  }
}

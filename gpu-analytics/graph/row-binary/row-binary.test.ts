import fc from 'fast-check'
import { expect, test } from 'vitest'

import { columnsOf, drawnRows, pairsOf } from '../arbitrary-rows.ts'
import type { EdgeColumns } from '../edge-columns.ts'
import { NodeDictionary, UNKNOWN_NODE } from './node-dictionary.ts'
import {
  readEdgeColumnChunks,
  readEdgeColumns,
  readIdEdges,
  readUint32Column,
} from './row-binary.ts'

const SEED = 20_260_808
const lengths = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 6 })

function* cut(bytes: Uint8Array, chunkLengths: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const length = chunkLengths[index % chunkLengths.length] ?? 1
    yield bytes.slice(at, at + length)
    at += length
  }
}

function bytesOf({ sources, targets, weights }: EdgeColumns): Uint8Array {
  const rowBytes = weights === undefined ? 8 : 24
  const view = new DataView(new ArrayBuffer(rowBytes * sources.length))
  for (const [row, source] of sources.entries()) {
    view.setUint32(row * rowBytes, source, true)
    view.setUint32(row * rowBytes + 4, targets[row] ?? 0, true)
    if (weights === undefined) continue
    view.setBigUint64(row * rowBytes + 8, weights[2 * row] ?? 0n, true)
    view.setBigUint64(row * rowBytes + 16, weights[2 * row + 1] ?? 0n, true)
  }
  return new Uint8Array(view.buffer)
}

test('columns are read from chunks that are cut anywhere', async () => {
  await fc.assert(
    fc.asyncProperty(drawnRows, lengths, fc.boolean(), async ({ rows }, cuts, isWeighted) => {
      const columns = isWeighted ? columnsOf(rows) : pairsOf(rows)
      const kind = isWeighted ? 'weighted' : 'equal'
      const bytes = bytesOf(columns)
      const rowCount = rows.length
      expect(await readEdgeColumns(cut(bytes, cuts), kind, { rowCount })).toEqual(columns)
      const chunks: EdgeColumns[] = []
      for await (const chunk of readEdgeColumnChunks(cut(bytes, cuts), kind, { rowCount })) {
        chunks.push(chunk)
      }
      expect(chunks).toEqual(rowCount === 0 ? [] : [columns])
      const words = new Uint32Array(bytes.buffer)
      expect(await readUint32Column(cut(bytes, cuts))).toEqual(words)
    }),
    { seed: SEED },
  )
})

test('an answer that ends early or goes on is an error', async () => {
  const bytes = bytesOf(pairsOf([{ source: 1, target: 2, weight: 1n }]))
  const reading = [
    readEdgeColumns([bytes.subarray(1)], 'equal'),
    readEdgeColumns([bytes], 'equal', { rowCount: 2 }),
    readEdgeColumns([bytes, bytes], 'equal', { rowCount: 1 }),
    readUint32Column([bytes.subarray(2)]),
    readEdgeColumnChunks([bytes.subarray(3)], 'equal').next(),
    readEdgeColumnChunks([bytes], 'equal', { rowCount: 3 }).next(),
  ]
  for (const promise of reading) {
    await expect(promise).rejects.toMatchObject({ code: 'ROW_BINARY_MALFORMED' })
  }
})

test('more rows than are taken at once arrive in several pieces', async () => {
  const rowCount = 2 ** 20 + 5
  const words = Uint32Array.from({ length: 2 * rowCount }, (_, index) => index)
  const sizes: number[] = []
  const chunks = cut(new Uint8Array(words.buffer), [999_999])
  for await (const { sources, targets } of readEdgeColumnChunks(chunks, 'equal', { rowCount })) {
    sizes.push(sources.length)
    expect(targets.at(-1)).toBe((sources.at(-1) ?? 0) + 1)
  }
  expect(sizes).toEqual([2 ** 20, 5])
})

test('a dictionary numbers ids in the order of their first appearance and never again', () => {
  const id = fc.nat(300).map((number) => {
    const bytes = new Uint8Array(32)
    bytes[(number * 7) % 32] = number & 255
    bytes[31] = number >> 8
    return bytes
  })
  fc.assert(
    fc.property(fc.array(fc.array(id), { maxLength: 5 }), (batches) => {
      const dictionary = new NodeDictionary()
      const expected = new Map<string, number>()
      for (const batch of batches) {
        const nodes = batch.map((bytes) => {
          const key = bytes.join()
          if (!expected.has(key)) expected.set(key, expected.size)
          return expected.get(key)
        })
        const joined = Uint8Array.from(batch.flatMap((bytes) => [...bytes]))
        expect([...dictionary.add(joined)]).toEqual(nodes)
        expect([...dictionary.find(joined)]).toEqual(nodes)
      }
      expect(dictionary.nodeCount).toBe(expected.size)
      const again = NodeDictionary.of(dictionary.idBytes())
      expect(again.idBytes()).toEqual(dictionary.idBytes())
      for (const [key, node] of expected) expect(again.idOf(node).join()).toBe(key)
    }),
    { seed: SEED },
  )
})

test('a dictionary of many ids finds all of them and no other', () => {
  const words = new Uint32Array(8 * 50_000)
  for (let node = 0; node < 50_000; node++) words[8 * node + (node % 8)] = node + 1
  const bytes = new Uint8Array(words.buffer)
  const dictionary = NodeDictionary.of(bytes)
  expect(dictionary.find(bytes).every((node, index) => node === index)).toBe(true)
  expect([...dictionary.find(new Uint8Array(32).fill(9))]).toEqual([UNKNOWN_NODE])
  const shifted = new Uint8Array(33)
  shifted.set(bytes.subarray(64, 96), 1)
  expect([...dictionary.find(shifted.subarray(1))]).toEqual([2])
  expect(() => NodeDictionary.of(new Uint8Array(64))).toThrow('expected 2 ids, found 1 different')
  expect(() => dictionary.add(new Uint8Array(31))).toThrow('expected ids of 32 bytes')
})

test('edges of ids are numbered as they arrive', async () => {
  const view = new DataView(new ArrayBuffer(160))
  view.setUint8(0, 7)
  view.setUint8(32, 8)
  view.setBigUint64(64, 5n, true)
  view.setUint8(80, 8)
  view.setUint8(112, 9)
  view.setBigUint64(152, 6n, true)
  const dictionary = new NodeDictionary()
  expect(await readIdEdges(cut(new Uint8Array(view.buffer), [33]), dictionary)).toEqual({
    sources: Uint32Array.of(0, 1),
    targets: Uint32Array.of(1, 2),
    weights: BigUint64Array.of(5n, 0n, 0n, 6n),
  })
})

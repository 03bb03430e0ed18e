import {
  type ScratchDatabase,
  command,
  insertRows,
  queryRows,
  startScratchDatabase,
} from '@foggara/database'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { buildCsr } from '../build-csr.ts'
import { type GraphRow, buildGraph } from '../build-graph.ts'
import { drawAt, powerLawBelow } from '../generate/mix.ts'
import { normaliseWeights } from '../normalise-weights.ts'
import {
  idEdgesSql,
  nodeIdsSql,
  numberedEdgesSql,
  provenanceEdgesSql,
  usageEdgesSql,
} from './edges-sql.ts'
import { NodeDictionary } from './node-dictionary.ts'
import { readEdgeColumns, readFixedRows, readIdEdges } from './row-binary.ts'

let scratch: ScratchDatabase

beforeAll(async () => {
  scratch = await startScratchDatabase()
})

afterAll(async () => {
  await scratch[Symbol.asyncDispose]()
})

async function answerOf(query: string): Promise<AsyncIterable<Uint8Array>> {
  const { stream } = await scratch.reader.exec({ query })
  return stream
}

const hex = (number: number, byteLength: number) =>
  drawAt(99, number)
    .toString(16)
    .padStart(8, '0')
    .padEnd(2 * byteLength, 'a')

const receipts = Array.from({ length: 400 }, (_, index) => ({
  consumer: hex(powerLawBelow(drawAt(1, index), 20), 20),
  assets: Array.from({ length: 1 + (index % 3) }, (_asset, place) =>
    hex(1000 + ((powerLawBelow(drawAt(2, index), 30) + place) % 30), 32),
  ),
  fee: index % 11 === 0 ? 0n : BigInt(drawAt(3, index)) << BigInt(index % 60),
}))

const links = Array.from({ length: 60 }, (_, index) => ({
  child_id: hex(1000 + (drawAt(4, index) % 30), 32),
  parent_id: hex(1000 + (drawAt(5, index) % 30), 32),
  share_e8: drawAt(6, index) % 20_000_000,
}))

function expectedGraph() {
  const padded = (id: string) => id.padStart(64, '0')
  const rows: GraphRow[] = receipts.flatMap(({ consumer, assets, fee }) =>
    assets.map((asset) => ({
      from: padded(consumer),
      to: asset,
      weight: fee * BigInt(720_720 / assets.length),
    })),
  )
  for (const link of links) {
    rows.push({ from: link.child_id, to: link.parent_id, weight: BigInt(link.share_e8) })
  }
  return buildGraph(rows.filter((row) => row.weight > 0n))
}

const edges = [usageEdgesSql('receipt'), provenanceEdgesSql('link')]

test('receipts in ClickHouse become the graph that bigints give', async () => {
  const { writer } = scratch
  await command(
    writer,
    `create table receipt (consumer FixedString(20), assets Array(FixedString(32)), fee UInt256)
    engine = MergeTree order by consumer`,
  )
  await command(
    writer,
    `create table link (child_id FixedString(32), parent_id FixedString(32), share_e8 UInt32)
    engine = MergeTree order by child_id`,
  )
  await command(
    writer,
    'create table hex_receipt (c String, a Array(String), f UInt256) engine = Memory',
  )
  await insertRows(
    writer,
    'hex_receipt',
    receipts.map(({ consumer, assets, fee }) => ({ c: consumer, a: assets, f: fee })),
  )
  await command(
    writer,
    'insert into receipt select unhex(c), arrayMap(x -> unhex(x), a), f from hex_receipt',
  )
  await command(writer, 'create table hex_link (c String, p String, s UInt32) engine = Memory')
  await insertRows(
    writer,
    'hex_link',
    links.map((link) => ({ c: link.child_id, p: link.parent_id, s: link.share_e8 })),
  )
  await command(writer, 'insert into link select unhex(c), unhex(p), s from hex_link')
  const expected = expectedGraph()

  const dictionary = NodeDictionary.of(await readFixedRows(await answerOf(nodeIdsSql(edges)), 32))
  const ids = Array.from({ length: dictionary.nodeCount }, (_, node) =>
    Buffer.from(dictionary.idOf(node)).toString('hex'),
  )
  expect(ids).toEqual(expected.ids)
  const columns = await readIdEdges(await answerOf(idEdgesSql(edges)), dictionary)
  const { graph, weights } = await buildCsr(columns, dictionary.nodeCount)
  expect(graph.sources).toEqual(expected.sources)
  expect(graph.inOffsets).toEqual(expected.inOffsets)
  expect(weights).toEqual(normaliseWeights(expected))

  await command(writer, 'create table node (id FixedString(32), node UInt32) engine = Memory')
  await command(
    writer,
    `insert into node select id, toUInt32(rowNumberInAllBlocks())
    from (${nodeIdsSql(edges).replace('format RowBinary', '')})`,
  )
  const numbered = await readEdgeColumns(
    await answerOf(numberedEdgesSql(edges, 'node')),
    'weighted',
    { rowCount: columns.sources.length },
  )
  expect(await buildCsr(numbered, ids.length)).toEqual(
    await buildCsr(columns, dictionary.nodeCount),
  )
})

test('weights that pass 2^127 in the database are refused there', async () => {
  const huge = `(select toFixedString('a', 32) as from_id, toFixedString('b', 32) as to_id,
    bitShiftLeft(toUInt256(1), 126) as weight from numbers(2))`
  const query = idEdgesSql([huge]).replace('format RowBinary', '')
  await expect(queryRows(scratch.reader, query)).rejects.toThrow('FUNCTION_THROW_IF')
})

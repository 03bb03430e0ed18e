import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'

import { startScratchDatabase } from '@foggara/database'
import {
  type EdgeColumns,
  type EdgeTable,
  buildCsr,
  buildGraphFolder,
  decodeGraph,
  encodeGraph,
  extendCsr,
  generateKronecker,
  generateUsageGraph,
  openGraphFolder,
  readEdgeColumns,
  readUint32Column,
} from '@foggara/gpu-analytics'

import { type Measurement, median, publish } from './measurement.ts'

/** How fast a graph is made of rows, and how small it gets. Rates are per second of CPU time. */
const { values } = parseArgs({
  options: { scale: { type: 'string', default: '18' }, json: { type: 'string' } },
  strict: false,
})
const scale = Number(values.scale)
const nodeCount = 2 ** scale
const subject = `Kronecker ${scale}`
/** Of the runs after the first, the median counts. */
const ROUND_COUNT = 5
const measurements: Measurement[] = []

/** Runs `work` and returns its result with the CPU seconds of the whole process. */
async function timed<T>(work: () => T | Promise<T>): Promise<[T, number]> {
  const start = process.cpuUsage()
  const result = await work()
  const { user, system } = process.cpuUsage(start)
  return [result, (user + system) / 1e6]
}

function note(
  contender: string,
  quantity: string,
  value: number,
  unit: string,
  ratio?: { readonly to: string; readonly times: number },
): void {
  const place = { subject, contender, quantity, value, unit }
  measurements.push(ratio === undefined ? place : { ...place, ratio })
}

function rows(columns: EdgeColumns, first: number, end: number): EdgeColumns {
  const sources = columns.sources.slice(first, end)
  const targets = columns.targets.slice(first, end)
  const weights = columns.weights?.slice(2 * first, 2 * end)
  return weights === undefined ? { sources, targets } : { sources, targets, weights }
}

/** What the platform itself does: sorts the same keys. */
async function platformSort({ sources, targets }: EdgeColumns): Promise<number> {
  const keys = new BigUint64Array(sources.length)
  const words = new Uint32Array(keys.buffer)
  for (let row = 0; row < sources.length; row++) {
    words[2 * row] = sources[row] ?? 0
    words[2 * row + 1] = targets[row] ?? 0
  }
  const [, seconds] = await timed(() => keys.toSorted())
  return seconds
}

async function building(): Promise<EdgeTable> {
  const [columns, drawing] = await timed(() => generateKronecker({ scale, weights: 'fees' }))
  const rowCount = columns.sources.length
  note('generator', 'weighted rows drawn', rowCount / drawing / 1e6, 'million rows/s')
  const sorting = await platformSort(columns)
  const pairs = { sources: columns.sources, targets: columns.targets }
  await buildCsr(generateKronecker({ scale: 12, weights: 'fees' }), 2 ** 12)
  for (const [name, input] of [
    ['equal', pairs],
    ['weighted', columns],
  ] as const) {
    const [, seconds] = await timed(() => buildCsr(input, nodeCount))
    const ratio = { to: 'BigUint64Array.toSorted of the keys alone', times: sorting / seconds }
    note(`buildCsr, ${name}`, 'rows built', rowCount / seconds / 1e6, 'million rows/s', ratio)
  }
  return buildCsr(columns, nodeCount)
}

async function extending(table: EdgeTable): Promise<void> {
  const more = generateKronecker({ scale, seed: 9, weights: 'fees' })
  for (const share of [0.001, 0.01, 0.05]) {
    const additions = rows(more, 0, Math.floor(more.sources.length * share))
    const rates: number[] = []
    for (let round = 0; round <= ROUND_COUNT; round++) {
      const [extended, seconds] = await timed(() => extendCsr(table, additions))
      if (round > 0) rates.push(extended.graph.sources.length / seconds / 1e6)
    }
    const rate = median(rates)
    note('extendCsr, weighted', `edges after ${share * 100} % more rows`, rate, 'million edges/s')
  }
}

async function streaming(): Promise<void> {
  const count = 20_000_000
  const bytes = new Uint8Array(4 * count)
  function* chunks(): Generator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
  }
  const [, column] = await timed(() => readUint32Column(chunks(), { rowCount: count }))
  note('RowBinary, 64 KiB chunks', 'ids of one column', count / column / 1e6, 'million ids/s')
  const [, edges] = await timed(() => readEdgeColumns(chunks(), 'equal'))
  note('RowBinary, 64 KiB chunks', 'ids of two columns', count / edges / 1e6, 'million ids/s')
  await using scratch = await startScratchDatabase()
  const sql = `select toUInt32(number) as id from numbers(${count}) format RowBinary`
  const answer = async () => {
    const { stream } = await scratch.writer.exec({ query: sql })
    return readUint32Column(stream, { rowCount: count })
  }
  await answer()
  const start = performance.now()
  const [, seconds] = await timed(answer)
  const wall = (performance.now() - start) / 1000
  note('ClickHouse over HTTP', 'ids, CPU of the reader', count / seconds / 1e6, 'million ids/s')
  note('ClickHouse over HTTP', 'ids, wall clock', count / wall / 1e6, 'million ids/s')
}

async function packing({ graph, weights }: EdgeTable): Promise<void> {
  const problem = {
    graph,
    weights,
    passThroughQ32: new Uint32Array(nodeCount).fill(3_650_722_201),
    teleport: 'uniform',
    start: 'uniform',
    stop: { type: 'count', iterationCount: 20 },
  } as const
  const edgeCount = graph.sources.length
  for (const name of ['equal', 'weighted'] as const) {
    const packable = name === 'equal' ? { ...problem, weights: name } : problem
    const [bytes, encoding] = await timed(() => encodeGraph(packable))
    const [, decoding] = await timed(() => decodeGraph(bytes))
    const zipped = gzipSync(bytes).length
    note(`encodeGraph, ${name}`, 'size', bytes.length / edgeCount, 'bytes/edge')
    note(`encodeGraph, ${name}`, 'size after gzip', zipped / edgeCount, 'bytes/edge')
    note(`encodeGraph, ${name}`, 'packed', edgeCount / encoding / 1e6, 'million edges/s')
    note(`decodeGraph, ${name}`, 'unpacked', edgeCount / decoding / 1e6, 'million edges/s')
  }
}

async function onDisk(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'foggara-bench-graph-'))
  const columns = generateKronecker({ scale, weights: 'fees' })
  const chunks = [rows(columns, 0, columns.sources.length >> 1)]
  chunks.push(rows(columns, columns.sources.length >> 1, columns.sources.length))
  const [, seconds] = await timed(() => buildGraphFolder(chunks, folder, { nodeCount }))
  const rate = columns.sources.length / seconds / 1e6
  note('buildGraphFolder, weighted', 'rows built', rate, 'million rows/s')
  await using graph = await openGraphFolder(folder)
  for (const pass of ['first pass, checked', 'second pass']) {
    const [edgeCount, reading] = await timed(async () => {
      let count = 0
      for await (const slab of graph.slabs()) count += slab.sources.length
      return count
    })
    note(
      'openGraphFolder, weighted',
      `edges read, ${pass}`,
      edgeCount / reading / 1e6,
      'million edges/s',
    )
  }
  rmSync(folder, { recursive: true })
}

async function economy(): Promise<void> {
  const options = { assetCount: 50_000, consumerCount: 200_000, receiptCount: 2_000_000 }
  const [{ edges, nodeCount: count }, drawing] = await timed(() => generateUsageGraph(options))
  const rowCount = edges.sources.length
  const [table, seconds] = await timed(() => buildCsr(edges, count))
  const place = { subject: 'economy of 2 million receipts', contender: 'buildCsr, weighted' }
  const unit = 'million rows/s'
  measurements.push(
    { ...place, quantity: 'rows drawn', value: rowCount / drawing / 1e6, unit },
    { ...place, quantity: 'rows built', value: rowCount / seconds / 1e6, unit },
    { ...place, quantity: 'edges', value: table.graph.sources.length, unit: 'edges' },
  )
}

const table = await building()
await extending(table)
await packing(table)
await onDisk()
await streaming()
await economy()
publish('How fast is a graph made of rows, and how small does it get?', measurements)

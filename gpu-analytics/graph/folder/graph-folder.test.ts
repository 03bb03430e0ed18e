import { spawnSync } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'

import { columnsOf, drawnRows, pairsOf } from '../arbitrary-rows.ts'
import { buildCsr } from '../build-csr.ts'
import type { EdgeColumns } from '../edge-columns.ts'
import { generateKroneckerChunks, generateKronecker } from '../generate/kronecker.ts'
import { buildGraphFolder } from './build-graph-folder.ts'
import { openGraphFolder, readGraphFolder } from './open-graph-folder.ts'

const SEED = 20_260_806
const root = mkdtempSync(join(tmpdir(), 'foggara-graph-folder-'))
let folderCount = 0

afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

function newFolder(): string {
  return join(root, String(folderCount++))
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'none',
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : 'other'),
  )
}

function cut(columns: EdgeColumns, rowCount: number): EdgeColumns[] {
  const chunks: EdgeColumns[] = []
  for (let first = 0; first < columns.sources.length; first += rowCount) {
    const end = first + rowCount
    const sources = columns.sources.slice(first, end)
    const targets = columns.targets.slice(first, end)
    const weights = columns.weights?.slice(2 * first, 2 * end)
    chunks.push(weights === undefined ? { sources, targets } : { sources, targets, weights })
  }
  return chunks
}

test('a graph from a folder has the bits of one from memory, however it is cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      drawnRows,
      fc.boolean(),
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 12 }),
      async ({ nodeCount, rows }, isWeighted, rowCount, slabEdgeCount) => {
        const columns = isWeighted && rows.length > 0 ? columnsOf(rows) : pairsOf(rows)
        const folder = newFolder()
        await buildGraphFolder(cut(columns, rowCount), folder, { nodeCount, slabEdgeCount })
        const {
          edgeWeights: _weights,
          sourceTotals: _totals,
          ...expected
        } = await buildCsr(columns, nodeCount)
        await using graph = await openGraphFolder(folder)
        const { mergedRowCount, selfLoopCount, zeroWeightRowCount } = graph
        const counts = { mergedRowCount, selfLoopCount, zeroWeightRowCount }
        expect({ ...(await readGraphFolder(graph)), ...counts }).toEqual(expected)
        for await (const slab of graph.slabs()) {
          expect(slab.sources.length).toBeLessThanOrEqual(slabEdgeCount)
        }
        rmSync(folder, { recursive: true })
      },
    ),
    { seed: SEED, numRuns: 60 },
  )
})

test('chunks of a larger graph are built within little memory, with progress', async () => {
  const options = { scale: 13, weights: 'fees' } as const
  const folder = newFolder()
  const phases = new Set<string>()
  await buildGraphFolder(generateKroneckerChunks(options, 10_000), folder, {
    nodeCount: 2 ** 13,
    memoryMib: 140,
    slabEdgeCount: 5000,
    onProgress: ({ phase }) => phases.add(phase),
  })
  await using graph = await openGraphFolder(folder)
  const { graph: csr, weights } = await buildCsr(generateKronecker(options), 2 ** 13)
  expect(await readGraphFolder(graph)).toEqual({ graph: csr, weights })
  expect([...phases]).toEqual(['group', 'sort', 'normalise'])
  expect(readdirSync(join(folder, 'data-1')).filter((name) => name.endsWith('.tmp'))).toEqual([])
})

const pair = { sources: Uint32Array.of(0, 1, 2), targets: Uint32Array.of(1, 2, 0) }
const other = { sources: Uint32Array.of(2), targets: Uint32Array.of(1) }

test('a graph stays readable until a new one is complete, and gives way to it then', async () => {
  const folder = newFolder()
  await buildGraphFolder([pair], folder, { nodeCount: 3 })
  await using former = await openGraphFolder(folder)
  const failing = buildGraphFolder([other, { ...other, targets: Uint32Array.of(9) }], folder, {
    nodeCount: 3,
  })
  expect(await codeOf(failing)).toBe('NODE_OUT_OF_RANGE')
  await using still = await openGraphFolder(folder)
  expect(still.edgeCount).toBe(3)
  await buildGraphFolder([other], folder, { nodeCount: 3 })
  await using now = await openGraphFolder(folder)
  expect(now.edgeCount).toBe(1)
  expect((await readGraphFolder(former)).graph.sources.length).toBe(3)
  expect(readdirSync(folder).toSorted()).toEqual(['data-2', 'graph.json'])
})

test('wrong input, a small limit and a stop end in their own errors and leave nothing', async () => {
  const folder = newFolder()
  const weighted = { ...other, weights: BigUint64Array.of(5n, 0n) }
  const nodeCount = 3
  const stop = AbortSignal.abort()
  const file = newFolder()
  writeFileSync(file, '')
  expect([
    await codeOf(buildGraphFolder([other, weighted], folder, { nodeCount })),
    await codeOf(buildGraphFolder([other], folder, { nodeCount, memoryMib: 100 })),
    await codeOf(buildGraphFolder([other], folder, { nodeCount, signal: stop })),
    await codeOf(buildGraphFolder([other], join(file, 'graph'), { nodeCount })),
    await codeOf(openGraphFolder(folder)),
    await codeOf(openGraphFolder(join(folder, 'nowhere'))),
  ]).toEqual([
    'EDGE_COLUMNS_MISMATCHED',
    'GRAPH_FOLDER_MEMORY',
    'RUN_ABORTED',
    'GRAPH_FOLDER_UNREADABLE',
    'GRAPH_FOLDER_MISSING',
    'GRAPH_FOLDER_MISSING',
  ])
  expect(readdirSync(folder)).toEqual([])
})

test('damaged, cut and missing files are found before a wrong edge is given out', async () => {
  const whole = await builtFolder()
  const names = dataFilesOf(whole)
  expect(names.length).toBe(5)
  for (const name of ['graph.json', ...names.map((file) => join('data-1', file))]) {
    for (const damage of ['flip', 'cut', 'remove'] as const) {
      const folder = newFolder()
      cpSync(whole, folder, { recursive: true })
      damageFile(join(folder, name), damage)
      const code = await codeOf(
        (async () => {
          await using graph = await openGraphFolder(folder)
          await readGraphFolder(graph)
        })(),
      )
      const isMissing = damage === 'remove' && name === 'graph.json'
      const expected = isMissing ? 'GRAPH_FOLDER_MISSING' : 'GRAPH_FOLDER_DAMAGED'
      expect([name, damage, code]).toEqual([name, damage, expected])
    }
  }
})

async function builtFolder(): Promise<string> {
  const folder = newFolder()
  const columns = generateKronecker({ scale: 6, weights: 'fees' })
  await buildGraphFolder([columns], folder, { nodeCount: 64, slabEdgeCount: 100 })
  return folder
}

function dataFilesOf(folder: string): string[] {
  return readdirSync(join(folder, 'data-1'))
}

function damageFile(path: string, damage: 'flip' | 'cut' | 'remove'): void {
  const bytes = readFileSync(path)
  if (damage === 'remove') rmSync(path)
  else if (damage === 'cut') truncateSync(path, bytes.length - 2)
  else {
    const middle = bytes.length >> 1
    bytes[middle] = (bytes[middle] ?? 0) ^ 1
    writeFileSync(path, bytes)
  }
}

test('a build that is killed leaves nothing to be seen, and is simply repeated', async () => {
  const folder = newFolder()
  const module = JSON.stringify(join(import.meta.dirname, 'build-graph-folder.ts'))
  const script = `
    import { buildGraphFolder } from ${module}
    function* chunks() {
      for (;;) yield { sources: Uint32Array.of(0, 1), targets: Uint32Array.of(1, 2) }
    }
    await buildGraphFolder(chunks(), ${JSON.stringify(folder)}, { nodeCount: 3 })`
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', script])
  const deadline = performance.now() + 15_000
  while (!existsSync(join(folder, 'data-1', 'rows-1.tmp')) && performance.now() < deadline) {
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(await codeOf(openGraphFolder(folder))).toBe('GRAPH_FOLDER_MISSING')
  await buildGraphFolder([pair], folder, { nodeCount: 3 })
  await using graph = await openGraphFolder(folder)
  expect(graph.edgeCount).toBe(3)
  expect(readdirSync(join(folder, 'data-1')).length).toBe(5)
})

const small = join(root, 'small')
const isMounted =
  process.platform === 'linux' &&
  spawnSync('/bin/mkdir', [small]).status === 0 &&
  spawnSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small]).status === 0

afterAll(() => {
  if (isMounted) spawnSync('/bin/umount', ['--lazy', small])
})

const fullDisk = isMounted
  ? 'a full disk ends in an error that may be repeated, and what was written is removed'
  : 'a full disk (not tried: mounting a small disk needs root and a system that lets it)'

test.runIf(isMounted)(fullDisk, async () => {
  const columns = generateKronecker({ scale: 12, weights: 'fees' })
  const folder = join(small, 'graph')
  expect(await codeOf(buildGraphFolder([columns], folder, { nodeCount: 4096 }))).toBe(
    'GRAPH_FOLDER_FULL',
  )
  expect(readdirSync(folder)).toEqual([])
})

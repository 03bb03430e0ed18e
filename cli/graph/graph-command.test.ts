import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'

import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { Context } from '../command.ts'
import { COMMANDS } from '../commands.ts'
import { scoreFromFiles } from '../files/score-from-files.ts'
import { run } from '../run.ts'

let directory: string

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'foggara-graph-'))
})

afterAll(async () => {
  await rm(directory, { recursive: true })
})

test('a graph folder gives the rank of its file, in any order of rows', async () => {
  const id = fc.constantFrom('a', 'b', 'c', 'é', '日本', 'x,y', 'two words', '"')
  const weight = fc.constantFrom('0', '1', '2.5', '1e3', '0.000001', '123456789012345678901')
  const rows = fc.array(fc.tuple(id, id, weight), { minLength: 1, maxLength: 20 })
  let count = 0
  await fc.assert(
    fc.asyncProperty(rows, async (list) => {
      const name = `g${count++}`
      await writeFile(path.join(directory, 'rows.csv'), csv(list))
      await writeFile(path.join(directory, 'turned.csv.gz'), gzipSync(csv(list.toReversed())))
      const built = ['graph', 'build', '--edges', 'turned.csv.gz', '--out', name]
      expect(await runHere(built)).toMatchObject({ code: 0 })
      const graph = await jsonOf(['score', '--graph', name, '--json'])
      expect(graph['rankDigest']).toBe(await digestOfFile('rows.csv'))
    }),
    { seed: 20268, numRuns: 12 },
  )
})

test('influence may start at some ids, and every engine gives the same', async () => {
  await writeFile(path.join(directory, 'e.csv'), 'from,to,weight\na,b,1.5\nb,c,0.25\na,c,1\n')
  await writeFile(path.join(directory, 'u.csv'), 'id,weight\na,2\nc,0.5\n')
  await runHere(['graph', 'build', '--edges', 'e.csv', '--out', 'started'])
  const score = ['score', '--graph', 'started', '--teleport', 'u.csv', '--json']
  const [wasm, reference] = [await jsonOf(score), await jsonOf([...score, '--engine', 'reference'])]
  expect(reference['rankDigest']).toBe(wasm['rankDigest'])
  await writeFile(path.join(directory, 'v.csv'), 'id,weight\nz,1\n')
  const unknown = await runHere(['score', '--graph', 'started', '--teleport', 'v.csv'])
  expect(unknown.warned).toEqual(['NODE_UNKNOWN v.csv: expected ids of the graph, found z'])
})

test('scores are written as text by id, or as numbers in the order of ids', async () => {
  await writeFile(path.join(directory, 'w.csv'), 'from,to,weight\n"x,y",b,1\nb,a,1\n')
  await runHere(['graph', 'build', '--edges', 'w.csv', '--out', 'written'])
  for (const out of ['s.csv', 's.bin']) await runHere(['score', '--graph', 'written', '--out', out])
  const text = await readFile(path.join(directory, 's.csv'), 'utf8')
  const bytes = await readFile(path.join(directory, 's.bin'))
  const scores = [0, 8, 16].map((at) => bytes.readBigUInt64LE(at))
  expect(text).toBe(`id,score\na,${scores[0]}\nb,${scores[1]}\n"x,y",${scores[2]}\n`)
  const other = await runHere(['score', '--graph', 'written', '--out', 's.txt'])
  expect(other.warned[0]).toMatch(/^SCORE_FORMAT_UNKNOWN /)
})

test('a row that is wrong stops the build with its line, and no graph is left', async () => {
  const refusal = async (...rows: string[]) => {
    const text = ['from,to,weight', 'a,b,1', ...rows].join('\n')
    await writeFile(path.join(directory, 'bad.csv'), text)
    const { code, warned } = await runHere(['graph', 'build', '--edges', 'bad.csv', '--out', 'bad'])
    expect(code).toBe(1)
    expect((await runHere(['graph', 'info', 'bad'])).warned[0]).toMatch(/^GRAPH_FOLDER_MISSING /)
    return warned[0]
  }
  expect(await refusal('b,c,NaN')).toMatch(/^WEIGHT_MALFORMED bad.csv line 3: .*found "NaN"/)
  expect(await refusal('b,c,-1')).toMatch(/^WEIGHT_NEGATIVE bad.csv line 3: /)
  expect(await refusal('b,c,')).toMatch(/^WEIGHT_MALFORMED bad.csv line 3: /)
  expect(await refusal('b,c,1e41')).toMatch(/^WEIGHT_OUT_OF_RANGE bad.csv line 3: /)
  expect(await refusal('b,c,1e38', 'c,d,1e-9')).toMatch(/^WEIGHT_OUT_OF_RANGE bad.csv line 3: /)
  expect(await refusal('b,c')).toMatch(/^CSV_MALFORMED bad.csv line 3: expected 3 columns, found 2/)
  expect(await refusal(',c,1')).toMatch(/^ID_MISSING bad.csv line 3: .*column from/)
  expect(await refusal(`b,${'c'.repeat(5000)},1`)).toMatch(/^ID_MALFORMED bad.csv line 3: /)
  expect(await refusal('"b,c,1')).toMatch(/^CSV_MALFORMED bad.csv line 3: .*closing quote/)
})

test('a missing column, a missing file and a taken folder are refused', async () => {
  await writeFile(path.join(directory, 'two.csv'), 'from,to\na,b\n')
  const build = (...rest: string[]) => runHere(['graph', 'build', '--edges', ...rest])
  expect((await build('two.csv', '--out', 'two')).warned[0]).toMatch(/^CSV_COLUMN_MISSING .*weight/)
  expect((await build('none.csv', '--out', 'two')).warned[0]).toMatch(/^FILE_UNREADABLE none.csv/)
  expect((await build('two.csv', '--equal', '--out', 'two')).code).toBe(0)
  const taken = await build('two.csv', '--equal', '--out', 'two')
  expect(taken.warned[0]).toMatch(/^GRAPH_FOLDER_TAKEN /)
  expect(await readdir(path.join(directory, 'two'))).not.toContain('rows.tmp')
})

test('a generated graph is the same again, and the info says where it came from', async () => {
  const digests = []
  for (const out of ['r1', 'r2']) {
    const drawn = ['--kind', 'rmat', '--scale', '8', '--seed', '5', '--out', out]
    const made = await runHere(['graph', 'generate', ...drawn])
    expect(made.printed[0]).toBe('generated: rmat, scale 8, seed 5')
    digests.push((await jsonOf(['score', '--graph', out, '--json']))['rankDigest'])
  }
  expect(digests[0]).toBe(digests[1])
  expect(await jsonOf(['graph', 'info', 'r1', '--json'])).toMatchObject({
    nodeCount: 256,
    rowCount: 4096,
    isWeighted: true,
  })
})

test('a graph command line that cannot be meant exits with 64', async () => {
  expect((await runHere(['graph', 'paint'])).code).toBe(64)
  expect((await runHere(['graph', 'build', '--out', 'x'])).code).toBe(64)
  expect((await runHere(['graph', 'generate', '--kind', 'ring', '--out', 'x'])).code).toBe(64)
  expect((await runHere(['graph', 'info'])).code).toBe(64)
  expect((await runHere(['score', '--graph', 'x', '--budget', '1'])).code).toBe(64)
})

function csv(rows: readonly (readonly string[])[]): string {
  const quoted = (text: string) => (/[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
  return [['from', 'to', 'weight'], ...rows].map((row) => row.map(quoted).join(',')).join('\n')
}

async function jsonOf(args: readonly string[]): Promise<Record<string, unknown>> {
  const { printed } = await runHere(args)
  return objectOf(JSON.parse(printed[0] ?? '{}'))
}

/** As `foggara score --edges`, without the thread that it runs in. */
async function digestOfFile(edges: string): Promise<unknown> {
  const { context, printed } = surroundings()
  await scoreFromFiles({ edges, budget: '1', json: true }, context)
  return objectOf(objectOf(JSON.parse(printed[0] ?? '{}'))['manifest'])['rankDigest']
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

async function runHere(args: readonly string[]) {
  const { context, printed, warned } = surroundings()
  return { code: await run(args, COMMANDS, '1.2.3', context), printed, warned }
}

function surroundings() {
  const printed: string[] = []
  const warned: string[] = []
  const context: Context = {
    environment: {},
    directory,
    print: (line) => printed.push(line),
    warn: (line) => warned.push(line),
    nowMs: () => 0,
    stopped: new AbortController().signal,
  }
  return { context, printed, warned }
}

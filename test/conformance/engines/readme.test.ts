import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import * as api from '@foggara/gpu-analytics'
import { buildGraph, rank } from '@foggara/gpu-analytics'
import { type Browser, type Page, chromium } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { CHROMIUM_FLAGS, findChromium } from '../../chromium.ts'
import { readmeBlock, readmeText } from './readme.ts'

const ROOT = join(import.meta.dirname, '../../..')
const executablePath = findChromium()
const absent = executablePath === undefined
const why = absent ? ' (skipped: no Chromium found, see npm test’s first lines)' : ''

let folder: string
let server: Server
let browser: Browser
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'foggara-readme-'))
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  for (const name of ['node.js', 'page.js', 'worker.js']) {
    writeFileSync(join(folder, name), readmeBlock('js', name))
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  if (executablePath === undefined) return
  server = await serve(await bundle())
  browser = await chromium.launch({ executablePath, args: [...CHROMIUM_FLAGS] })
})
afterAll(async () => {
  await browser?.close()
  server?.close()
  rmSync(folder, { recursive: true, force: true })
})

test('the README explains every error that graphs, engines and explanations raise, and no other', () => {
  const rooms = ['', 'cpu', 'cpu/threads', 'explain', 'gpu', 'graph', 'reference', 'sql']
  const raised = rooms.flatMap((room) => errorCodesIn(join(ROOT, 'gpu-analytics', room)))
  const explained = [...readmeText().matchAll(/^\| `([A-Z_0-9]+)`/gm)].map(([, code]) => code)
  const codes = new Set([...raised, 'SPLIT_WITHOUT_WEIGHT'])
  expect(new Set(explained)).toEqual(codes)
})

test('every function that the README calls is exported', () => {
  const named = [
    ...readmeText().matchAll(/\b((?:create|open|build|compute|verify|explain)[A-Z]\w+)/g),
  ]
  const missing = named.map(([, name = '']) => name).filter((name) => !(name in api))
  expect(named.length).toBeGreaterThan(10)
  expect(missing).toEqual([])
})

test("the README's example for Node prints what the README says", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['node.js'], { cwd: folder })
  expect(stdout).toBe(readmeBlock('text', 'node.js'))
})

test.skipIf(absent)(
  `the README's page and Worker compute the scores of Node, in Chromium${why}`,
  async () => {
    const page = await opened()
    await page.waitForFunction('document.body.innerText.includes("scores")')
    expect(await page.locator('body').getAttribute('data-check')).toBe('equal')
    expect(await page.title()).toMatch(/^\d+ of at most 200$/)
    const { scoreById, execution } = JSON.parse(await page.locator('body').innerText())
    expect(scoreById).toEqual(await expectedScores())
    expect(execution.engine).toBe('wasm')
  },
)

test.skipIf(absent)(`a Worker answers malformed rules with a typed error${why}`, async () => {
  const page = await opened()
  const failed = await page.evaluate(`new Promise((resolve) => {
    const worker = new Worker(document.body.dataset.worker, { type: 'module' })
    worker.addEventListener('message', ({ data }) => resolve(data))
    worker.postMessage({ type: 'rank', rows: [], rules: { passThroughQ32: 0.85 } })
  })`)
  expect(failed).toMatchObject({ type: 'failed', code: 'RULES_MALFORMED' })
})

test.skipIf(absent)(`a Worker hears in the midst of a run that it shall stop${why}`, async () => {
  const page = await opened()
  const failed = await page.evaluate(`new Promise((resolve) => {
    const worker = new Worker(document.body.dataset.worker, { type: 'module' })
    worker.addEventListener('message', ({ data }) => {
      if (data.type !== 'progress') resolve(data)
      else if (data.count === 1) worker.postMessage({ type: 'stop' })
    })
    const rows = Array.from({ length: 3000 }, (_, node) => ({
      from: String(node),
      to: String((node * 7 + 1) % 3000),
      weight: 1n,
    }))
    const rules = {
      weights: 'equal',
      passThroughQ32: 2 ** 31,
      teleport: 'uniform',
      start: 'uniform',
      stop: { type: 'count', iterationCount: 1_000_000_000 },
    }
    worker.postMessage({ type: 'rank', rows, rules })
  })`)
  expect(failed).toMatchObject({ type: 'failed', code: 'RUN_ABORTED' })
})

/** The codes of the errors that files directly in a folder define, besides those of build steps. */
function errorCodesIn(room: string): string[] {
  const files = readdirSync(room).filter((name) => /(?<!\.test|build-kernel)\.ts$/.test(name))
  return files.flatMap((name) => {
    const text = readFileSync(join(room, name), 'utf8')
    return [...text.matchAll(/\bsuper\(\s*'([A-Z_0-9]+)'/g)].map(([, code = '']) => code)
  })
}

/** What the page's example computes, computed here. */
async function expectedScores(): Promise<Record<string, string>> {
  const graph = buildGraph([
    { from: 'a', to: 'b', weight: 2n },
    { from: 'b', to: 'c', weight: 1n },
    { from: 'c', to: 'a', weight: 1n },
  ])
  const { scoreById } = await rank(graph, {
    weights: 'weighted',
    passThroughQ32: 2 ** 31,
    teleport: 'uniform',
    start: 'uniform',
    stop: { type: 'delta', deltaMax: 1n << 20n, iterationCountMax: 200 },
  })
  return Object.fromEntries([...scoreById].map(([id, score]) => [id, `${score}`]))
}

async function opened(): Promise<Page> {
  const page = await browser.newPage()
  page.on('pageerror', (error) => expect.unreachable(error.message))
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  return page
}

/** The page's files by their path, bundled as a stranger's project would. */
async function bundle(): Promise<ReadonlyMap<string, string | Uint8Array>> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    root: folder,
    worker: { format: 'es' },
    build: { write: false, target: 'es2024', rollupOptions: { input: join(folder, 'page.js') } },
  })
  const [bundled] = Array.isArray(built) ? built : [built]
  if (bundled === undefined || !('output' in bundled)) throw new Error('expected one bundle')
  return new Map(
    bundled.output.map((file) => [
      `/${file.fileName}`,
      file.type === 'chunk' ? file.code : file.source,
    ]),
  )
}

async function serve(files: ReadonlyMap<string, string | Uint8Array>): Promise<Server> {
  const paths = [...files.keys()]
  const main = paths.find((path) => path.includes('page'))
  const worker = paths.find((path) => path.includes('worker'))
  const html = `<body data-worker="${worker}"><script type="module" src="${main}"></script></body>`
  const listening = createServer(({ url = '/' }, response) => {
    const file = files.get(url)
    response.setHeader('content-type', file === undefined ? 'text/html' : 'text/javascript')
    response.end(file ?? html)
  })
  await new Promise<void>((resolve) => void listening.listen(0, '127.0.0.1', resolve))
  return listening
}

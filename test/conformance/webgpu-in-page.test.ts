import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

import { type Browser, chromium } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { CHROMIUM_WEBGPU_FLAGS, findChromium } from '../chromium.ts'
import { type Computed, expectedHash } from './compute-in-page.ts'

const executablePath = findChromium()
const absent = executablePath === undefined
const why = absent ? ' (skipped: no Chromium found, see npm test’s first lines)' : ''

const IN_PAGE = "import('/compute.js').then(({ computeHere }) => computeHere())"
const IN_WORKER = `new Promise((resolve, reject) => {
  const worker = new Worker('/worker.js', { type: 'module' })
  worker.addEventListener('message', ({ data }) => resolve(data))
  worker.addEventListener('error', ({ message }) => reject(new Error(message)))
})`

let server: Server
let browser: Browser
beforeAll(async () => {
  if (executablePath === undefined) return
  const script = await bundle()
  const files = new Map([
    ['/compute.js', script],
    ['/worker.js', "import { computeHere } from '/compute.js'; postMessage(await computeHere())"],
  ])
  server = createServer(({ url }, response) => {
    const file = files.get(url ?? '')
    response.setHeader('content-type', file === undefined ? 'text/html' : 'text/javascript')
    response.end(file ?? '<title>compute</title>')
  }).listen(0, '127.0.0.1')
  browser = await chromium.launch({ executablePath, args: CHROMIUM_WEBGPU_FLAGS })
})
afterAll(async () => {
  await browser?.close()
  server?.close()
})

async function bundle(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      target: 'es2024',
      lib: { entry: join(import.meta.dirname, 'compute-in-page.ts'), formats: ['es'] },
    },
  })
  const [bundled] = Array.isArray(built) ? built : [built]
  if (bundled === undefined || !('output' in bundled)) throw new Error('expected one bundle')
  return bundled.output[0].code
}

test.skipIf(absent)(
  `a page and a worker in Chromium compute the bits of the reference on WebGPU and WASM${why}`,
  async () => {
    const page = await browser.newPage()
    const problems: string[] = []
    page.on('pageerror', (error) => problems.push(error.message))
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    const inPage = await page.evaluate<Computed>(IN_PAGE)
    const inWorker = await page.evaluate<Computed>(IN_WORKER)
    expect(problems).toEqual([])
    const hash = await expectedHash()
    const hashes = {
      webgpu: hash,
      'webgpu without subgroups': hash,
      'webgpu in slabs': hash,
      wasm: hash,
    }
    expect(inPage).toEqual({ adapter: expect.stringContaining('swiftshader'), hashes })
    expect(inWorker).toEqual(inPage)
  },
  120_000,
)

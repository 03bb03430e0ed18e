import { mkdirSync } from 'node:fs'

import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, type Page, chromium } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { CHROMIUM_FLAGS, CHROMIUM_WEBGPU_FLAGS, findChromium } from '../chromium.ts'
import { type RunningFoggara, eventually, startFoggara } from './running-foggara.ts'

const executablePath = findChromium()
const absent = executablePath === undefined
const why = absent ? ' (skipped: no Chromium found, see npm test’s first lines)' : ''
const SCREENSHOTS = 'test/screenshots'
const NO_SUCH_PAGE = 'There is no such page'
const AXE_TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

let foggara: RunningFoggara
let browser: Browser
let paths: readonly (readonly [string, string])[]

beforeAll(async () => {
  if (executablePath === undefined) return
  mkdirSync(SCREENSHOTS, { recursive: true })
  foggara = await startFoggara()
  browser = await chromium.launch({ executablePath, args: [...CHROMIUM_FLAGS] })
  const found = await eventually('an asset, a receipt and a closed epoch', 90_000, async () => {
    const answer = await foggara.query<Found>(FIND)
    return answer.epochs.nodes.length > 0 && answer.receipts.nodes.length > 0 ? answer : undefined
  })
  const [asset] = found.assets.nodes
  const [receipt] = found.receipts.nodes
  const [epoch] = found.epochs.nodes
  paths = [
    ['overview', '/'],
    ['assets', '/assets'],
    ['asset', `/assets/${asset?.assetId}`],
    ['epochs', '/epochs'],
    ['epoch', `/epochs/${epoch?.number}`],
    ['account', `/accounts/${asset?.holder.address}`],
    ['receipt', `/receipts/${receipt?.digest}`],
    ['provider', `/providers/${receipt?.provider.address}`],
    ['health', '/health'],
  ]
}, 240_000)

afterAll(async () => {
  await browser?.close()
  await foggara?.[Symbol.asyncDispose]()
})

const VARIANTS = [
  { name: 'light-wide', colorScheme: 'light', width: 1440, height: 900 },
  { name: 'dark-wide', colorScheme: 'dark', width: 1440, height: 900 },
  { name: 'light-narrow', colorScheme: 'light', width: 390, height: 844 },
  { name: 'dark-narrow', colorScheme: 'dark', width: 390, height: 844 },
] as const

test.skipIf(absent).each(VARIANTS)(
  `every page opens without a console error or an axe violation in $name${why}`,
  { timeout: 240_000 },
  async ({ name, colorScheme, width, height }) => {
    const context = await browser.newContext({ colorScheme, viewport: { width, height } })
    const problems: string[] = []
    for (const [title, path] of paths) {
      const page = await context.newPage()
      page.on('console', (message) => {
        if (message.type() === 'error') problems.push(`${path}: ${message.text()}`)
      })
      page.on('pageerror', (error) => problems.push(`${path}: ${error.message}`))
      await page.goto(`${foggara.url}${path}`)
      await settled(page)
      const heading = await page.locator('main h1').first().innerText()
      if (heading === NO_SUCH_PAGE) problems.push(`${path}: ${heading}`)
      await page.screenshot({ path: `${SCREENSHOTS}/${title}-${name}.png`, fullPage: true })
      const { violations } = await new AxeBuilder({ page }).withTags(AXE_TAGS).analyze()
      problems.push(...violations.map((found) => `${path}: axe ${found.id}: ${found.help}`))
      const overflow = await page
        .locator('html')
        .evaluate((html: Box) => html.scrollWidth - html.clientWidth)
      if (overflow > 1) problems.push(`${path}: ${overflow} px wider than the window`)
      await page.close()
    }
    await context.close()
    expect(problems).toEqual([])
  },
)

test.skipIf(absent)(
  `a reviewer recomputes an epoch in the browser, has an account explained and folds its proof${why}`,
  { timeout: 120_000 },
  async () => {
    const page = await browser.newPage({ viewport: { width: 1440, height: 1000 } })
    await page.goto(`${foggara.url}${paths.find(([title]) => title === 'epoch')?.[1]}`)
    await settled(page)
    await page.getByRole('button', { name: 'Recompute in this browser' }).click()
    const outcome = page.locator('.verify .outcome')
    await outcome.locator('.verdict').first().waitFor({ timeout: 60_000 })
    expect(await outcome.innerText()).toMatch(/equal/i)
    await page
      .getByRole('link', { name: /^Explain/ })
      .first()
      .click()
    await page.locator('#explanation .pool-parts').first().waitFor()
    await page.getByRole('button', { name: 'Fold the proof in this browser' }).click()
    await page.getByText('It folds to the root').waitFor({ timeout: 20_000 })
    expect(page.url()).toContain('account=0x')
    await page.close()
  },
)

test.skipIf(absent)(
  `the ranks of an epoch have the server's digest on WebAssembly and on WebGPU in the browser${why}`,
  { timeout: 120_000 },
  async () => {
    await using withGpu = await chromium.launch({
      ...(executablePath === undefined ? {} : { executablePath }),
      args: CHROMIUM_WEBGPU_FLAGS,
    })
    const page = await withGpu.newPage()
    await page.goto(`${foggara.url}${paths.find(([title]) => title === 'epoch')?.[1]}`)
    for (const name of ['WebAssembly', 'WebGPU']) {
      await page.getByRole('button', { name: `Compute on ${name}` }).click()
      const verdict = page.locator('.rank-engines .verdict', { hasText: name })
      await verdict.waitFor({ timeout: 60_000 })
      expect(await verdict.innerText()).toContain(`The same digest on ${name}`)
    }
  },
)

test.skipIf(absent)(
  `a page pinned to a block shows that block, and an unknown address says so${why}`,
  { timeout: 60_000 },
  async () => {
    const page = await browser.newPage()
    await page.goto(`${foggara.url}/?block=120`)
    await settled(page)
    const asOf = await page.locator('.as-of').allInnerTexts()
    expect(asOf.length).toBeGreaterThan(0)
    expect(new Set(asOf)).toEqual(new Set(['block 120']))
    await page.goto(`${foggara.url}/nowhere`)
    await page.locator('main h1').first().waitFor()
    expect(await page.locator('main').innerText()).toContain(NO_SUCH_PAGE)
    await page.close()
  },
)

/** A page is settled when its main heading is there and nothing in it is busy. */
async function settled(page: Page): Promise<void> {
  await page.locator('main h1').first().waitFor({ timeout: 20_000 })
  await expect.poll(() => page.locator('[aria-busy="true"]').count(), { timeout: 20_000 }).toBe(0)
}

type Box = { readonly scrollWidth: number; readonly clientWidth: number }

const FIND = `{
  assets(first: 1) { nodes { assetId holder { address } } }
  receipts(first: 1) { nodes { digest provider { address } } }
  epochs(first: 1) { nodes { number } }
}`

type Found = {
  assets: { nodes: readonly { assetId: string; holder: { address: string } }[] }
  receipts: { nodes: readonly { digest: string; provider: { address: string } }[] }
  epochs: { nodes: readonly { number: number }[] }
}

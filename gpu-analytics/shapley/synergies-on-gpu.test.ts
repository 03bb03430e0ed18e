import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { expect, test } from 'vitest'

import { findChromium } from '../../test/chromium.ts'
import { PHILOX_ANSWERS } from './answers/philox-answers.ts'
import { synergyAnswers } from './answers/synergy-answers.ts'
import { createWasmSynergies } from './synergy-wasm.ts'

const CHROMIUM_FOLDERS = [
  dirname(findChromium() ?? '/nowhere'),
  '/usr/lib/chromium',
  '/usr/lib/chromium-browser',
  '/opt/google/chrome',
]
const folder = CHROMIUM_FOLDERS.find((path) => existsSync(join(path, 'vk_swiftshader_icd.json')))

const without = folder === undefined ? ' (skipped: no Chromium with SwiftShader here)' : ''

test.skipIf(folder === undefined)(
  `WGSL gives the known answers of Philox and the same words as WASM on every question${without}`,
  async () => {
    const { adapter, philox, answers } = answersOnGpu(folder ?? '')
    expect(adapter).toMatch(/SwiftShader/)
    expect(philox).toEqual(PHILOX_ANSWERS.map(({ words }) => words))
    expect(answers).toEqual(await synergyAnswers(await createWasmSynergies()))
  },
)

/** Runs the answers in a process of their own: Vulkan's loader reads its environment only at the start. */
function answersOnGpu(chromiumFolder: string): {
  readonly adapter: string
  readonly philox: unknown
  readonly answers: unknown
} {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [fileURLToPath(new URL('answers/main.ts', import.meta.url))],
    {
      encoding: 'utf8',
      timeout: 50_000,
      env: {
        ...process.env,
        LD_LIBRARY_PATH: chromiumFolder,
        VK_ICD_FILENAMES: join(chromiumFolder, 'vk_swiftshader_icd.json'),
      },
    },
  )
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return JSON.parse(stdout)
}

import { expect, test } from 'vitest'

import { HAS_SOFTWARE_GPU, WHY_NO_SOFTWARE_GPU } from '../../test/software-gpu.ts'
import { resolveConfig } from '../config.ts'
import { engineCheck } from './engine-check.ts'
import { findingOf } from './finding.ts'

const finding = (engine: string) => findingOf(engineCheck(resolveConfig({}, {}, { engine })))

test('a lack of WebGPU is none where the settings do not ask for it', async () => {
  expect(await finding('auto')).toMatchObject({ level: 'ok', what: 'engine' })
})

test.runIf(HAS_SOFTWARE_GPU)(
  `a software adapter does not do for settings that ask for WebGPU${WHY_NO_SOFTWARE_GPU}`,
  async () => {
    const { level, text, advice } = await finding('webgpu')
    expect(level).toBe('fail')
    expect(text).toMatch(/^webgpu; no WebGPU: .* in software$/)
    expect(advice).toBeDefined()
  },
)

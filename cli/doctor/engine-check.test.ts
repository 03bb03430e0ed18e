import { expect, test } from 'vitest'

import { HAS_SOFTWARE_GPU } from '../../test/software-gpu.ts'
import { resolveConfig } from '../config.ts'
import { engineCheck } from './engine-check.ts'
import { findingOf } from './finding.ts'

test('a software adapter is no WebGPU: that fails only where the settings ask for it', async () => {
  const finding = (engine: string) => findingOf(engineCheck(resolveConfig({}, {}, { engine })))
  const [auto, webgpu] = [await finding('auto'), await finding('webgpu')]
  expect(auto).toMatchObject({ level: 'ok', what: 'engine' })
  if (HAS_SOFTWARE_GPU) {
    expect(auto.text).toMatch(/^auto; no WebGPU: .* in software$/)
    expect(webgpu.level).toBe('fail')
    expect(webgpu.advice).toBeDefined()
  }
})

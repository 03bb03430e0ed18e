import { createWebGpuEngine } from '@foggara/gpu-analytics'
import { FoggaraError } from '@foggara/schema'

import type { Config } from '../config.ts'
import { openGpu } from '../engine/open-gpu.ts'
import type { Check } from './finding.ts'

/** What computes the scores here: a lack of WebGPU is none, unless the settings ask for it. */
export function engineCheck({ engine }: Config): Check {
  return {
    what: 'engine',
    run: async () => {
      try {
        const gpu = await createWebGpuEngine(await openGpu())
        gpu.close()
        return { level: 'ok', text: `${engine}; WebGPU on ${gpu.adapter.name}` }
      } catch (error) {
        if (!(error instanceof FoggaraError)) throw error
        const text = `${engine}; no WebGPU: ${error.message}`
        return engine === 'webgpu'
          ? { level: 'fail', text, advice: error.hint ?? 'Use the engine auto.' }
          : { level: 'ok', text }
      }
    },
  }
}

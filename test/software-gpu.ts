import { existsSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { findChromium } from './chromium.ts'

/** Set where the machine has a graphics card and a driver: the tests then compute on it. */
const OWN_GPU = process.env['FOGGARA_GPU'] === '1'

const FOLDERS = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome']

/**
 * What a process needs in its environment, from its start, to compute WebGPU in software: the Vulkan
 * loader and the driver that come with Chromium. Empty where there is no such Chromium.
 */
export function softwareGpuEnvironment(): Readonly<Record<string, string>> {
  if (OWN_GPU) return {}
  const chromium = findChromium()
  const own = chromium === undefined ? [] : [dirname(realpathSync(chromium))]
  const folder = [...own, ...FOLDERS].find(
    (path) =>
      existsSync(join(path, 'libvulkan.so.1')) && existsSync(join(path, 'vk_swiftshader_icd.json')),
  )
  if (folder === undefined) return {}
  const driver = join(folder, 'vk_swiftshader_icd.json')
  return { LD_LIBRARY_PATH: folder, VK_ICD_FILENAMES: driver, VK_DRIVER_FILES: driver }
}

/** Whether this process can compute WebGPU: in software, or on the graphics card that it was told of. */
export const HAS_SOFTWARE_GPU =
  OWN_GPU || (process.env['VK_ICD_FILENAMES'] ?? '').includes('swiftshader')

/** To stand behind the name of a test that needs it. */
export const WHY_NO_SOFTWARE_GPU = HAS_SOFTWARE_GPU
  ? ''
  : ' (skipped: no Vulkan driver of Chromium found, see npm test’s first lines)'

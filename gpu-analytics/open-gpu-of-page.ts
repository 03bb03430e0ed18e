import { openPageGpu } from './gpu/page-gpu.ts'

/** WebGPU where this runs; `package.json` names this file for pages and their workers. */
export const openGpuHere: typeof openPageGpu = openPageGpu

import { openNodeGpu } from './gpu/node-gpu.ts'

/** WebGPU where this runs; `package.json` names this file for Node. */
export const openGpuHere: typeof openNodeGpu = openNodeGpu

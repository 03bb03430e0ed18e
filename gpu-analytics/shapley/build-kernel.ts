import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { compileAssembly, sourcesBelow } from '../build-kernel.ts'

const MODULE_FILE = join(import.meta.dirname, 'synergy.wasm.ts')

/**
 * Compiles the AssemblyScript of Shapley values; equal sources give equal bytes.
 *
 * @throws {KernelBuildError}
 */
export function compileSynergyKernel(): Promise<Uint8Array> {
  return compileAssembly(sourcesBelow(join(import.meta.dirname, 'kernel'), '.as'))
}

/** The module that is committed: the compiled kernels as base64. */
export function synergyModuleText(binary: Uint8Array): string {
  const base64 = Buffer.from(binary).toString('base64')
  return `// Compiled from shapley/kernel by shapley/build-kernel.ts; a test checks that the bytes are the same.\nexport const SYNERGY_WASM_BASE64 =\n  '${base64}'\n`
}

if (import.meta.main) writeFileSync(MODULE_FILE, synergyModuleText(await compileSynergyKernel()))

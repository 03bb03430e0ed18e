import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { compileAssembly, sourcesBelow } from '../build-kernel.ts'

const MODULE_FILE = join(import.meta.dirname, 'build.wasm.ts')

/**
 * Compiles the AssemblyScript of graph building; equal sources give equal bytes.
 *
 * @throws {KernelBuildError}
 */
export function compileGraphKernel(): Promise<Uint8Array> {
  return compileAssembly(sourcesBelow(join(import.meta.dirname, 'kernel')))
}

/** The module that is committed: the compiled kernels as base64. */
export function graphKernelModuleText(binary: Uint8Array): string {
  const base64 = Buffer.from(binary).toString('base64')
  return `// Compiled from graph/kernel by graph/build-kernel.ts; a test checks that the bytes are the same.\nexport const BUILD_WASM_BASE64 =\n  '${base64}'\n`
}

if (import.meta.main) {
  writeFileSync(MODULE_FILE, graphKernelModuleText(await compileGraphKernel()))
}

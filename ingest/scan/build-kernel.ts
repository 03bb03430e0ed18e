import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { compileAssembly, KERNEL_OPTIONS, kernelModuleText } from '../compile-assembly.ts'

/** The module that is committed as `scan.wasm.ts`, made of the sources in `kernel`. */
export async function scanModuleText(): Promise<string> {
  const folder = join(import.meta.dirname, 'kernel')
  const options = [...KERNEL_OPTIONS, '--enable', 'simd']
  return kernelModuleText(await compileAssembly(folder, options, '.as'), 'SCAN_WASM_BASE64', 'scan')
}

if (import.meta.main) {
  writeFileSync(join(import.meta.dirname, 'scan.wasm.ts'), await scanModuleText())
}

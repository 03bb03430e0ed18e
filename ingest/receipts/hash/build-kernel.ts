import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { KERNEL_OPTIONS, compileAssembly, kernelModuleText } from '../../compile-assembly.ts'

/** The module that is committed as `hash.wasm.ts`, made of the sources in `kernel`. */
export async function hashModuleText(): Promise<string> {
  const options = [...KERNEL_OPTIONS, '--enable', 'bulk-memory']
  const binary = await compileAssembly(join(import.meta.dirname, 'kernel'), options)
  return kernelModuleText(binary, 'HASH_WASM_BASE64', 'hash')
}

if (import.meta.main) {
  writeFileSync(join(import.meta.dirname, 'hash.wasm.ts'), await hashModuleText())
}

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { compileAssembly, KERNEL_OPTIONS, kernelModuleText } from '../../compile-assembly.ts'

/** The module that is committed as `proof.wasm.ts`, made of the sources in `kernel`. */
export async function proofModuleText(): Promise<string> {
  const binary = await compileAssembly(join(import.meta.dirname, 'kernel'), KERNEL_OPTIONS)
  return kernelModuleText(binary, 'PROOF_WASM_BASE64', 'poi')
}

if (import.meta.main) {
  writeFileSync(join(import.meta.dirname, 'proof.wasm.ts'), await proofModuleText())
}

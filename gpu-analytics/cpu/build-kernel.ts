import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { FatalError } from '@foggara/schema'
import asc from 'assemblyscript/asc'

const KERNEL_FOLDER = join(import.meta.dirname, 'kernel')
const MODULE_FILE = join(import.meta.dirname, 'rank.wasm.ts')

/**
 * Compiles the AssemblyScript kernels; equal sources give equal bytes.
 *
 * @throws {KernelBuildError}
 */
export async function compileKernel(): Promise<Uint8Array> {
  let binary: Uint8Array | undefined
  const options = ['-O3', '--noAssert', '--runtime', 'stub', '--use', 'abort=', '--enable', 'simd']
  const stderr = asc.createMemoryStream()
  const result = await asc.main(['index.ts', '--outFile', 'rank.wasm', ...options], {
    readFile: readKernelFile,
    writeFile: (_name, contents) => {
      if (typeof contents !== 'string') binary = contents
    },
    listFiles: () => [],
    stderr,
  })
  if (result.error !== null || binary === undefined) {
    throw new KernelBuildError(stderr.toString(), result.error)
  }
  return binary
}

/** The module that is committed: the compiled kernels as base64. */
export function kernelModuleText(binary: Uint8Array): string {
  const base64 = Buffer.from(binary).toString('base64')
  return `// Compiled from cpu/kernel by cpu/build-kernel.ts; a test checks that the bytes are the same.\nexport const RANK_WASM_BASE64 =\n  '${base64}'\n`
}

function readKernelFile(name: string, folder: string): string | null {
  try {
    return readFileSync(join(KERNEL_FOLDER, folder, name), 'utf8')
  } catch {
    return null
  }
}

/** The kernels do not compile. */
export class KernelBuildError extends FatalError {
  constructor(messages: string, cause: unknown) {
    super('KERNEL_BUILD_FAILED', `expected kernels that compile, found: ${messages}`, { cause })
  }
}

if (import.meta.main) writeFileSync(MODULE_FILE, kernelModuleText(await compileKernel()))

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { FatalError } from '@foggara/schema'
import asc from 'assemblyscript/asc'

const KERNEL_FOLDER = join(import.meta.dirname, 'kernel')
const MODULE_FILE = join(import.meta.dirname, 'synergy.wasm.ts')

/**
 * Compiles the AssemblyScript kernels; equal sources give equal bytes.
 *
 * @throws {SynergyKernelBuildError}
 */
export async function compileSynergyKernel(): Promise<Uint8Array> {
  let binary: Uint8Array | undefined
  const stderr = asc.createMemoryStream()
  const options = ['-O3', '--noAssert', '--runtime', 'stub', '--use', 'abort=']
  const result = await asc.main(['index.ts', '--outFile', 'synergy.wasm', ...options], {
    readFile: readKernelFile,
    writeFile: (_name, contents) => {
      if (typeof contents !== 'string') binary = contents
    },
    listFiles: () => [],
    stderr,
  })
  if (result.error !== null || binary === undefined) {
    throw new SynergyKernelBuildError(stderr.toString(), result.error)
  }
  return binary
}

/** The module that is committed: the compiled kernels as base64. */
export function synergyModuleText(binary: Uint8Array): string {
  const base64 = Buffer.from(binary).toString('base64')
  return `// Compiled from shapley/kernel by shapley/build-kernel.ts; a test checks that the bytes are the same.\nexport const SYNERGY_WASM_BASE64 =\n  '${base64}'\n`
}

/** The sources end in .as, since they are no TypeScript for a checker to read; asc asks for .ts. */
function readKernelFile(name: string, folder: string): string | null {
  try {
    return readFileSync(join(KERNEL_FOLDER, folder, name.replace(/\.ts$/, '.as')), 'utf8')
  } catch {
    return null
  }
}

/** The kernels do not compile. */
export class SynergyKernelBuildError extends FatalError {
  constructor(messages: string, cause: unknown) {
    super('KERNEL_BUILD_FAILED', `expected kernels that compile, found: ${messages}`, { cause })
  }
}

if (import.meta.main) writeFileSync(MODULE_FILE, synergyModuleText(await compileSynergyKernel()))

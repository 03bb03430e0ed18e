import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { FatalError } from '@foggara/schema'
import asc from 'assemblyscript/asc'

const KERNEL_FOLDER = join(import.meta.dirname, 'kernel')
const MODULE_FILE = join(import.meta.dirname, 'build.wasm.ts')

/**
 * Compiles the AssemblyScript of graph building; equal sources give equal bytes.
 *
 * @throws {GraphKernelBuildError}
 */
export async function compileGraphKernel(): Promise<Uint8Array> {
  let binary: Uint8Array | undefined
  const options = ['-O3', '--noAssert', '--runtime', 'stub', '--use', 'abort=']
  const stderr = asc.createMemoryStream()
  const result = await asc.main(['index.ts', '--outFile', 'build.wasm', ...options], {
    readFile: (name, folder) => {
      try {
        return readFileSync(join(KERNEL_FOLDER, folder, name), 'utf8')
      } catch {
        return null
      }
    },
    writeFile: (_name, contents) => {
      if (typeof contents !== 'string') binary = contents
    },
    listFiles: () => [],
    stderr,
  })
  if (result.error !== null || binary === undefined) {
    throw new GraphKernelBuildError(stderr.toString(), result.error)
  }
  return binary
}

/** The module that is committed: the compiled kernels as base64. */
export function graphKernelModuleText(binary: Uint8Array): string {
  const base64 = Buffer.from(binary).toString('base64')
  return `// Compiled from graph/kernel by graph/build-kernel.ts; a test checks that the bytes are the same.\nexport const BUILD_WASM_BASE64 =\n  '${base64}'\n`
}

/** The kernels do not compile. */
export class GraphKernelBuildError extends FatalError {
  constructor(messages: string, cause: unknown) {
    super('KERNEL_BUILD_FAILED', `expected kernels that compile, found: ${messages}`, { cause })
  }
}

if (import.meta.main) {
  writeFileSync(MODULE_FILE, graphKernelModuleText(await compileGraphKernel()))
}

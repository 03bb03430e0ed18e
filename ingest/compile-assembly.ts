import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { FatalError } from '@foggara/schema'
import asc from 'assemblyscript/asc'

/** Options of kernels: fully optimised, without a runtime. */
export const KERNEL_OPTIONS = ['-O3', '--noAssert', '--runtime', 'stub', '--use', 'abort=']

/**
 * Compiles AssemblyScript to WASM. The entry is `index` in the folder, in files that end in `.as`
 * where a checker of types is not to read them; equal sources give equal bytes.
 *
 * @throws {KernelBuildError}
 */
export async function compileAssembly(
  root: string,
  options: readonly string[],
  extension: '.ts' | '.as' = '.ts',
): Promise<Uint8Array> {
  let binary: Uint8Array | undefined
  const stderr = asc.createMemoryStream()
  const result = await asc.main(['index.ts', '--outFile', 'index.wasm', ...options], {
    readFile: (name, folder) => readSource(join(root, folder, name.replace(/\.ts$/u, extension))),
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

/** A module that is committed: a compiled kernel as base64 under the name of a constant. */
export function kernelModuleText(binary: Uint8Array, constantName: string, source: string): string {
  const base64 = Buffer.from(binary).toString('base64')
  return `// Compiled from ${source}/kernel by ${source}/build-kernel.ts; a test checks that the bytes are the same.\nexport const ${constantName} =\n  '${base64}'\n`
}

function readSource(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

/** The sources do not compile. */
export class KernelBuildError extends FatalError {
  constructor(messages: string, cause: unknown) {
    super('KERNEL_BUILD_FAILED', `expected a kernel that compiles, found: ${messages}`, { cause })
  }
}

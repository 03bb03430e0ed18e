import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { FatalError } from '@foggara/schema'
import asc from 'assemblyscript/asc'

const OPTIONS = ['-O3', '--noAssert', '--runtime', 'stub', '--use', 'abort=']

/** Gives the text of a source, or null where there is none. */
export type ReadSource = (name: string, folder: string) => string | null

/**
 * Compiles AssemblyScript to WASM, fully optimised, without a runtime. Its entry is `index.ts`; equal
 * sources give equal bytes.
 *
 * @throws {KernelBuildError}
 */
export async function compileAssembly(
  readFile: ReadSource,
  options: readonly string[] = [],
): Promise<Uint8Array> {
  let binary: Uint8Array | undefined
  const stderr = asc.createMemoryStream()
  const result = await asc.main(['index.ts', '--outFile', 'index.wasm', ...OPTIONS, ...options], {
    readFile,
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

/** Reads sources below a folder; those ending in `.as` are no TypeScript for a checker to read. */
export function sourcesBelow(kernelFolder: string, extension: '.ts' | '.as' = '.ts'): ReadSource {
  return (name, folder) => {
    try {
      return readFileSync(join(kernelFolder, folder, name.replace(/\.ts$/, extension)), 'utf8')
    } catch {
      return null
    }
  }
}

/** The kernels do not compile. */
export class KernelBuildError extends FatalError {
  constructor(messages: string, cause?: unknown) {
    super('KERNEL_BUILD_FAILED', `expected kernels that compile, found: ${messages}`, { cause })
  }
}

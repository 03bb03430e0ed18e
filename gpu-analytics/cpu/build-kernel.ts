import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { KernelBuildError, compileAssembly, sourcesBelow } from '../build-kernel.ts'

const sources = sourcesBelow(join(import.meta.dirname, 'kernel'))
const MODULE_FILE = join(import.meta.dirname, 'rank.wasm.ts')

const UNSHARED_OPTIONS =
  '--enable simd --enable threads --importMemory --initialMemory 1 --maximumMemory 65536'.split(' ')
const SHARED_OPTIONS = [...UNSHARED_OPTIONS, '--sharedMemory']

/** The kernels over shared memory, and the place of the one byte that says so. */
export type CompiledKernel = {
  readonly binary: Uint8Array
  readonly sharedFlagAt: number
}

/**
 * Compiles the AssemblyScript kernels; equal sources give equal bytes.
 *
 * @throws {KernelBuildError}
 */
export async function compileKernel(): Promise<CompiledKernel> {
  const binary = await compileAssembly(sources, SHARED_OPTIONS)
  const unshared = await compileAssembly(sources, UNSHARED_OPTIONS)
  const different = [...binary.keys()].filter((at) => binary[at] !== unshared[at])
  const [sharedFlagAt] = different
  if (different.length !== 1 || sharedFlagAt === undefined || binary.length !== unshared.length) {
    const found = `${different.length} different bytes`
    throw new KernelBuildError(`one flag between shared memory and not: ${found}`)
  }
  return { binary, sharedFlagAt }
}

/** The module that is committed: the compiled kernels as base64. */
export function kernelModuleText({ binary, sharedFlagAt }: CompiledKernel): string {
  const base64 = Buffer.from(binary).toString('base64')
  return `// Compiled from cpu/kernel by cpu/build-kernel.ts; a test checks that the bytes are the same.\nexport const RANK_WASM_BASE64 =\n  '${base64}'\nexport const SHARED_FLAG_AT = ${sharedFlagAt}\n`
}

if (import.meta.main) writeFileSync(MODULE_FILE, kernelModuleText(await compileKernel()))

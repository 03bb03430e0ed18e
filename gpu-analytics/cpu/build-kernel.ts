import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { FatalError } from '@foggara/schema'
import asc from 'assemblyscript/asc'

const KERNEL_FOLDER = join(import.meta.dirname, 'kernel')
const MODULE_FILE = join(import.meta.dirname, 'rank.wasm.ts')

const OPTIONS = '-O3 --noAssert --runtime stub --use abort= --enable simd --enable threads'.split(
  ' ',
)
const UNSHARED_OPTIONS = ['--importMemory', '--initialMemory', '1', '--maximumMemory', '65536']
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
  const binary = await compileAssembly(readKernelFile, SHARED_OPTIONS)
  const unshared = await compileAssembly(readKernelFile, UNSHARED_OPTIONS)
  const different = [...binary.keys()].filter((at) => binary[at] !== unshared[at])
  const [sharedFlagAt] = different
  if (different.length !== 1 || sharedFlagAt === undefined || binary.length !== unshared.length) {
    const found = `${different.length} different bytes`
    throw new KernelBuildError(`one flag between shared memory and not: ${found}`, undefined)
  }
  return { binary, sharedFlagAt }
}

/** The module that is committed: the compiled kernels as base64. */
export function kernelModuleText({ binary, sharedFlagAt }: CompiledKernel): string {
  const base64 = Buffer.from(binary).toString('base64')
  return `// Compiled from cpu/kernel by cpu/build-kernel.ts; a test checks that the bytes are the same.\nexport const RANK_WASM_BASE64 =\n  '${base64}'\nexport const SHARED_FLAG_AT = ${sharedFlagAt}\n`
}

/**
 * Compiles AssemblyScript to WASM, fully optimised, without a runtime. Its entry is `index.ts`.
 *
 * @throws {KernelBuildError}
 */
export async function compileAssembly(
  readFile: (name: string, folder: string) => string | null,
  options: readonly string[],
): Promise<Uint8Array> {
  let binary: Uint8Array | undefined
  const stderr = asc.createMemoryStream()
  const files = ['index.ts', '--outFile', 'index.wasm']
  const result = await asc.main([...files, ...OPTIONS, ...options], {
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

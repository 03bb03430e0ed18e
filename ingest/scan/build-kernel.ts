import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { FatalError } from '@foggara/schema'
import asc from 'assemblyscript/asc'

const KERNEL_FOLDER = join(import.meta.dirname, 'kernel')
const MODULE_FILE = join(import.meta.dirname, 'scan.wasm.ts')
const ARGUMENTS = [
  ...'index.ts --outFile scan.wasm -O3 --noAssert --runtime stub --use abort='.split(' '),
  ...'--enable simd'.split(' '),
]

/**
 * Compiles the AssemblyScript scanner; equal sources give equal bytes.
 *
 * @throws {ScanKernelBuildError}
 */
export async function compileScanKernel(): Promise<Uint8Array> {
  let binary: Uint8Array | undefined
  const stderr = asc.createMemoryStream()
  const result = await asc.main(ARGUMENTS, {
    readFile: readKernelFile,
    writeFile: (_name, contents) => {
      if (typeof contents !== 'string') binary = contents
    },
    listFiles: () => [],
    stderr,
  })
  if (result.error !== null || binary === undefined) {
    throw new ScanKernelBuildError(stderr.toString(), result.error)
  }
  return binary
}

/** The module that is committed: the compiled scanner as base64. */
export function scanModuleText(binary: Uint8Array): string {
  const base64 = Buffer.from(binary).toString('base64')
  return `// Compiled from scan/kernel by scan/build-kernel.ts; a test checks that the bytes are the same.\nexport const SCAN_WASM_BASE64 =\n  '${base64}'\n`
}

function readKernelFile(name: string, folder: string): string | null {
  try {
    return readFileSync(join(KERNEL_FOLDER, folder, name.replace(/\.ts$/u, '.as')), 'utf8')
  } catch {
    return null
  }
}

/** The scanner does not compile. */
export class ScanKernelBuildError extends FatalError {
  constructor(messages: string, cause: unknown) {
    super('KERNEL_BUILD_FAILED', `expected a kernel that compiles, found: ${messages}`, { cause })
  }
}

if (import.meta.main) writeFileSync(MODULE_FILE, scanModuleText(await compileScanKernel()))

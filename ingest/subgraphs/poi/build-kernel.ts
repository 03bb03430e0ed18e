import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { FatalError } from '@foggara/schema'
import asc from 'assemblyscript/asc'

const KERNEL_FOLDER = join(import.meta.dirname, 'kernel')
const MODULE_FILE = join(import.meta.dirname, 'proof.wasm.ts')
const ARGUMENTS = 'index.ts --outFile proof.wasm -O3 --noAssert --runtime stub --use abort='.split(
  ' ',
)

/**
 * Compiles the AssemblyScript kernel; equal sources give equal bytes.
 *
 * @throws {ProofKernelBuildError}
 */
export async function compileProofKernel(): Promise<Uint8Array> {
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
    throw new ProofKernelBuildError(stderr.toString(), result.error)
  }
  return binary
}

/** The module that is committed: the compiled kernel as base64. */
export function proofModuleText(binary: Uint8Array): string {
  const base64 = Buffer.from(binary).toString('base64')
  return `// Compiled from poi/kernel by poi/build-kernel.ts; a test checks that the bytes are the same.\nexport const PROOF_WASM_BASE64 =\n  '${base64}'\n`
}

function readKernelFile(name: string, folder: string): string | null {
  try {
    return readFileSync(join(KERNEL_FOLDER, folder, name), 'utf8')
  } catch {
    return null
  }
}

/** The kernel does not compile. */
export class ProofKernelBuildError extends FatalError {
  constructor(messages: string, cause: unknown) {
    super('KERNEL_BUILD_FAILED', `expected a kernel that compiles, found: ${messages}`, { cause })
  }
}

if (import.meta.main) writeFileSync(MODULE_FILE, proofModuleText(await compileProofKernel()))

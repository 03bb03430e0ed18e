import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

import type { Abi } from 'viem'

import { buildCommitted } from '../../subgraph/build-subgraph.ts'

/** The subgraph that stresses what a runtime may get wrong. */
export const FUZZ_DIRECTORY = join(import.meta.dirname, 'fuzz')

/** The compiled contract, as it is committed. */
export type FuzzContract = { readonly abi: Abi; readonly bytecode: `0x${string}` }

/** Reads the committed contract. */
export function readFuzzContract(): FuzzContract {
  return JSON.parse(readFileSync(join(FUZZ_DIRECTORY, 'contract.json'), 'utf8')) as FuzzContract
}

/**
 * Compiles the contracts as the devnet's are: the bytes depend on the code only. Returns the text of
 * every file that is made of them.
 */
export function compileFuzzContracts(): ReadonlyMap<string, string> {
  const name = 'Fuzz.sol'
  const content = readFileSync(join(FUZZ_DIRECTORY, 'contracts', name), 'utf8')
  const settings = {
    evmVersion: 'prague',
    optimizer: { enabled: true, runs: 200 },
    metadata: { appendCBOR: false, bytecodeHash: 'none' },
    outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
  }
  const devnet = join(import.meta.dirname, '..', '..', 'devnet', 'package.json')
  const solc = createRequire(devnet)('solc') as Compiler
  const input = { language: 'Solidity', sources: { [name]: { content } }, settings }
  const output = JSON.parse(solc.compile(JSON.stringify(input))) as CompilerOutput
  const { Fuzz, FuzzChild } = output.contracts?.[name] ?? {}
  if (Fuzz === undefined || FuzzChild === undefined) throw new Error(JSON.stringify(output.errors))
  const childItems = FuzzChild.abi.filter(({ type }) => type !== 'constructor')
  const contract = {
    abi: [...Fuzz.abi, ...childItems],
    bytecode: `0x${Fuzz.evm.bytecode.object}`,
  }
  const values = {
    'abis/Fuzz.json': Fuzz.abi,
    'abis/FuzzChild.json': FuzzChild.abi,
    'contract.json': contract,
  }
  return new Map(
    Object.entries(values).map(([file, value]) => [file, `${JSON.stringify(value, null, 1)}\n`]),
  )
}

type Compiler = { compile(input: string): string }

type Compiled = {
  readonly abi: Abi
  readonly evm: { readonly bytecode: { readonly object: string } }
}

type CompilerOutput = {
  readonly errors?: unknown
  readonly contracts?: Readonly<Record<string, Readonly<Record<string, Compiled>>>>
}

if (import.meta.main) {
  mkdirSync(join(FUZZ_DIRECTORY, 'abis'), { recursive: true })
  for (const [file, text] of compileFuzzContracts()) writeFileSync(join(FUZZ_DIRECTORY, file), text)
  buildCommitted(FUZZ_DIRECTORY)
  for (const name of ['files', 'transfers']) buildCommitted(join(import.meta.dirname, name))
}

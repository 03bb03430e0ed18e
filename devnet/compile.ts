import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

import { CONTRACT_NAMES, FatalError } from '@foggara/schema'
import type { Abi } from 'viem'

import { ARTIFACTS_DIRECTORY, type Artifact } from './artifacts.ts'

const CONTRACTS_DIRECTORY = join(import.meta.dirname, 'contracts')

/** No metadata hash: the bytecode then depends on the code only, not on comments or paths. */
const SETTINGS = {
  evmVersion: 'prague',
  optimizer: { enabled: true, runs: 200 },
  metadata: { appendCBOR: false, bytecodeHash: 'none' },
  outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
}

/**
 * Compiles the reference contracts; the same sources give the same bytes.
 *
 * @throws {CompileError} with the compiler's first message.
 */
export function compileContracts(): readonly Artifact[] {
  const solc = loadCompiler()
  const input = { language: 'Solidity', sources: readSources(), settings: SETTINGS }
  const output = JSON.parse(
    solc.compile(JSON.stringify(input), { import: readImport }),
  ) as CompilerOutput
  const problem = output.errors?.find(isOurs)
  if (problem !== undefined) throw new CompileError(problem.formattedMessage)
  return CONTRACT_NAMES.map((contractName) => {
    const compiled = output.contracts[`${contractName}.sol`]?.[contractName]
    if (compiled === undefined) throw new CompileError(`expected a contract ${contractName}`)
    return {
      contractName,
      abi: compiled.abi,
      bytecode: `0x${compiled.evm.bytecode.object}`,
    }
  })
}

/** The text of an artifact's file. */
export function artifactText(artifact: Artifact): string {
  return `${JSON.stringify(artifact, null, 1)}\n`
}

/** Compiles the contracts and writes their artifacts. */
export function writeArtifacts(): void {
  mkdirSync(ARTIFACTS_DIRECTORY, { recursive: true })
  for (const artifact of compileContracts()) {
    const path = join(ARTIFACTS_DIRECTORY, `${artifact.contractName}.json`)
    writeFileSync(path, artifactText(artifact))
  }
}

type Compiler = {
  compile(input: string, callbacks: { import: (path: string) => ImportResult }): string
}

type ImportResult = { readonly contents: string } | { readonly error: string }

type CompilerMessage = {
  readonly severity: string
  readonly formattedMessage: string
  readonly sourceLocation?: { readonly file: string }
}

type CompilerOutput = {
  readonly errors?: readonly CompilerMessage[]
  readonly contracts: Record<
    string,
    Record<string, { abi: Abi; evm: { bytecode: { object: string } } }>
  >
}

/** Warnings about OpenZeppelin's sources are not ours to mend. */
function isOurs(message: CompilerMessage): boolean {
  return message.severity === 'error' || !message.sourceLocation?.file.startsWith('@')
}

const require = createRequire(import.meta.url)

/** The compiler is a development dependency of 9 MB: it is loaded only when something is compiled. */
function loadCompiler(): Compiler {
  return require('solc') as Compiler
}

function readSources(): Record<string, { content: string }> {
  const names = readdirSync(CONTRACTS_DIRECTORY, { recursive: true, encoding: 'utf8' })
  const sources = names.filter((name) => name.endsWith('.sol')).toSorted()
  return Object.fromEntries(
    sources.map((name) => [
      name,
      { content: readFileSync(join(CONTRACTS_DIRECTORY, name), 'utf8') },
    ]),
  )
}

function readImport(path: string): ImportResult {
  const root = dirname(require.resolve('@openzeppelin/contracts/package.json'))
  const [scope, name, ...rest] = path.split('/')
  if (`${scope}/${name}` !== '@openzeppelin/contracts') return { error: `unknown import ${path}` }
  return { contents: readFileSync(join(root, ...rest), 'utf8') }
}

/** The contracts do not compile without errors and warnings. */
export class CompileError extends FatalError {
  constructor(detail: string) {
    super('CONTRACTS_DO_NOT_COMPILE', `contracts: ${detail.trim()}`)
  }
}

if (import.meta.main) writeArtifacts()

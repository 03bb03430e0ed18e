import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { CONTRACT_NAMES, type ContractName, FatalError, type Hex } from '@foggara/schema'
import {
  type Abi,
  type AbiFunction,
  concatHex,
  decodeErrorResult,
  encodeAbiParameters,
  toFunctionSelector,
} from 'viem'

/** A compiled contract as it is committed in `devnet/artifacts`. */
export type Artifact = {
  readonly contractName: string
  readonly abi: Abi
  readonly bytecode: Hex
}

/** The folder of the committed artifacts. */
export const ARTIFACTS_DIRECTORY = join(import.meta.dirname, 'artifacts')

/** Reads the committed artifact of a contract. */
export function readArtifact(contract: ContractName): Artifact {
  const known = artifacts.get(contract)
  if (known !== undefined) return known
  const text = readFileSync(join(ARTIFACTS_DIRECTORY, `${contract}.json`), 'utf8')
  const artifact = JSON.parse(text) as Artifact
  artifacts.set(contract, artifact)
  return artifact
}

/** The ABI of one function of a contract, with its selector. */
export type ContractFunction = { readonly abi: AbiFunction; readonly selector: Hex }

/**
 * Finds a function of a contract by its name.
 *
 * @throws {FunctionUnknownError}
 */
export function functionOf(contract: ContractName, name: string): ContractFunction {
  const key = `${contract}.${name}`
  const known = functions.get(key)
  if (known !== undefined) return known
  const abi = readArtifact(contract).abi.find(
    (item): item is AbiFunction => item.type === 'function' && item.name === name,
  )
  if (abi === undefined) throw new FunctionUnknownError(key)
  const found = { abi, selector: toFunctionSelector(abi) }
  functions.set(key, found)
  return found
}

/** The call data of a function with these arguments. */
export function encodeCall(contract: ContractName, name: string, args: readonly unknown[]): Hex {
  const { abi, selector } = functionOf(contract, name)
  return concatHex([selector, encodeAbiParameters(abi.inputs, args)])
}

/** The custom error that a reverted call returned, as text: `TermsNotOpen(3)`. */
export function describeRevert(data: unknown): string {
  if (typeof data !== 'string' || !data.startsWith('0x')) return 'no reason'
  const abi = CONTRACT_NAMES.flatMap((name) => readArtifact(name).abi)
  try {
    const { errorName, args } = decodeErrorResult({ abi, data: data as Hex })
    return `${errorName}(${(args ?? []).map(String).join(', ')})`
  } catch {
    return data
  }
}

const artifacts = new Map<ContractName, Artifact>()
const functions = new Map<string, ContractFunction>()

/** A contract has no function of that name. */
export class FunctionUnknownError extends FatalError {
  constructor(name: string) {
    super('CONTRACT_FUNCTION_UNKNOWN', `expected a function of a reference contract, found ${name}`)
  }
}

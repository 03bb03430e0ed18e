import { keccak256, stringToBytes } from 'viem'

import { type AbiParameter, canonicalType, parameterType } from '../abi/abi-type.ts'
import type { AbiEvent, AbiFunction, ContractAbi, TypedParameter } from './manifest.ts'

/**
 * Reads the JSON of an ABI: a list, or an object that holds one as compilers write it.
 *
 * Undefined where it is none; parts with types that Solidity does not have are left out.
 */
export function parseContractAbi(json: string): ContractAbi | undefined {
  const parts = abiParts(json)
  if (parts === undefined) return undefined
  const events: AbiEvent[] = []
  const functions: AbiFunction[] = []
  for (const part of parts) {
    const inputs = typed(part.inputs ?? [])
    if (inputs === undefined || part.name === undefined) continue
    if (part.type === 'event') {
      const types = inputs.map(({ canonical }) => canonical).join(',')
      const topic = eventTopic(`${part.name}(${types})`)
      events.push({ name: part.name, isAnonymous: part.anonymous === true, topic, inputs })
    }
    const outputs = typed(part.outputs ?? [])
    if (part.type === 'function' && outputs !== undefined) {
      functions.push({ name: part.name, inputs, outputs })
    }
  }
  return { events, functions }
}

/**
 * The event that a manifest means: the one whose signature has the same `indexed` hints, or the only
 * one of its name where the manifest gives none.
 */
export function findEvent(abi: ContractAbi, signature: string): AbiEvent | undefined {
  const exact = abi.events.find((event) => eventSignature(event, true) === signature)
  if (exact !== undefined) return exact
  const name = signature.slice(0, Math.max(0, signature.indexOf('(')))
  const [only, ...more] = abi.events.filter((event) => event.name === name)
  if (only === undefined || more.length > 0) return undefined
  return eventSignature(only, false) === signature ? only : undefined
}

/** The function that a mapping means: by its whole signature, or by its name where that fails. */
export function findFunction(
  abi: ContractAbi,
  name: string,
  signature: string | undefined,
): AbiFunction | undefined {
  const named = abi.functions.filter((candidate) => candidate.name === name)
  if (signature === undefined) return named[0]
  return named.find((candidate) => functionSignature(candidate) === signature)
}

/** The first topic of an event whose signature a manifest writes with or without hints. */
export function eventTopic(signature: string): string {
  const plain = signature.replaceAll(/indexed /g, '').replaceAll(' ', '')
  return keccak256(stringToBytes(plain))
}

/** The first four bytes of a call of the function. */
export function functionSelector({ name, inputs }: AbiFunction): Uint8Array {
  const signature = `${name}(${inputs.map(({ canonical }) => canonical).join(',')})`
  return keccak256(stringToBytes(signature), 'bytes').slice(0, 4)
}

function eventSignature({ name, inputs }: AbiEvent, withHints: boolean): string {
  const types = inputs.map(
    ({ isIndexed, canonical }) => (withHints && isIndexed ? 'indexed ' : '') + canonical,
  )
  return `${name}(${types.join(',')})`
}

function functionSignature({ name, inputs, outputs }: AbiFunction): string {
  const types = (parameters: readonly TypedParameter[]) =>
    parameters.map(({ canonical }) => canonical).join(',')
  return `${name}(${types(inputs)}):(${types(outputs)})`
}

function typed(parameters: readonly AbiParameter[]): readonly TypedParameter[] | undefined {
  const result: TypedParameter[] = []
  for (const parameter of parameters) {
    const type = parameterType(parameter)
    if (type === undefined) return undefined
    result.push({
      name: parameter.name ?? '',
      isIndexed: parameter.indexed === true,
      type,
      canonical: canonicalType(parameter),
      parameter,
    })
  }
  return result
}

type AbiPart = {
  readonly type?: string
  readonly name?: string
  readonly anonymous?: boolean
  readonly inputs?: readonly AbiParameter[]
  readonly outputs?: readonly AbiParameter[]
}

function abiParts(json: string): readonly AbiPart[] | undefined {
  try {
    const value: unknown = JSON.parse(json)
    const list = Array.isArray(value) ? value : (value as { readonly abi?: unknown } | null)?.abi
    return Array.isArray(list) ? (list as readonly AbiPart[]) : undefined
  } catch {
    return undefined
  }
}

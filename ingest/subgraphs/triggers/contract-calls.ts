import { decodeValues } from '../abi/decode.ts'
import { encodeValues, isOfType } from '../abi/encode.ts'
import type { ChainBlock, ChainCall, ChainSource } from '../chain-source.ts'
import { bytesText } from '../entity-cache/entity.ts'
import { DeterministicError, NonDeterministicError, PossibleReorgError } from '../failure.ts'
import type { EventParameter } from '../heap/chain-objects.ts'
import type { EthereumValue } from '../heap/ethereum-values.ts'
import type { ContractRequest } from '../host/host-context.ts'
import { findFunction, functionSelector } from '../manifest/contract-abi.ts'
import type { AbiFunction, CallArgument, ContractAbi, DeclaredCall } from '../manifest/manifest.ts'
import type { HandlerRun } from './match-triggers.ts'

/** What the chain has to answer before a handler can go on. */
export type Question =
  | { readonly type: 'call'; readonly call: ChainCall; readonly functionName: string }
  | { readonly type: 'balance' | 'code'; readonly address: Uint8Array }

/** The chain's answers during one block. */
export type ChainAnswers = {
  /** @throws {UnansweredError} where the answer was not fetched yet. */
  call(request: ContractRequest, abis: ReadonlyMap<string, ContractAbi>): CallResult
  readonly balance: (address: Uint8Array) => bigint
  readonly hasCode: (address: Uint8Array) => boolean
  /** Asks the chain; a failure counts as a possible reorganisation. */
  fetch(question: Question): Promise<void>
  /** Asks what the handlers declared, all at once; failures come back when a handler asks. */
  fetchDeclared(runs: readonly HandlerRun[]): Promise<void>
}

type CallResult = readonly EthereumValue[] | undefined

/** Opens the answers for a block; a handler asks, is stopped, and runs again with the answer. */
export function openChainAnswers(chain: ChainSource, block: ChainBlock): ChainAnswers {
  const known = new Map<string, Answer>()
  const ask = (question: Question): Answer => {
    const answer = known.get(questionKey(question))
    if (answer === undefined) throw new UnansweredError(question)
    return answer
  }
  const fetch = async (question: Question) => {
    known.set(questionKey(question), await answerOf(chain, block, question))
  }
  return {
    call: (request, abis) => {
      const abiFunction = requestedFunction(request, abis)
      const call = callOf(request, abiFunction)
      const functionName = `${request.contractName}.${request.functionName}`
      const answer = ask({ type: 'call', call, functionName })
      return answer.type === 'call' ? decodeAnswer(answer.value, abiFunction) : undefined
    },
    balance: (address) => {
      const answer = ask({ type: 'balance', address })
      return answer.type === 'balance' ? answer.value : 0n
    },
    hasCode: (address) => {
      const answer = ask({ type: 'code', address })
      return answer.type === 'code' && answer.value
    },
    fetch,
    fetchDeclared: async (runs) => {
      const calls = new Map(
        runs.flatMap(declaredCalls).map((question) => [questionKey(question), question] as const),
      )
      await Promise.allSettled([...calls.values()].map(fetch))
    },
  }
}

type Answer =
  | { readonly type: 'call'; readonly value: Uint8Array | undefined }
  | { readonly type: 'balance'; readonly value: bigint }
  | { readonly type: 'code'; readonly value: boolean }

async function answerOf(
  chain: ChainSource,
  block: ChainBlock,
  question: Question,
): Promise<Answer> {
  try {
    if (question.type === 'call') {
      return { type: 'call', value: await chain.call(question.call, block) }
    }
    if (question.type === 'balance') {
      return { type: 'balance', value: await chain.balance(question.address, block) }
    }
    return { type: 'code', value: await chain.hasCode(question.address, block) }
  } catch (cause) {
    const what =
      question.type === 'call'
        ? `${question.functionName} of ${bytesText(question.call.to)}`
        : `the ${question.type} of ${bytesText(question.address)}`
    const found = cause instanceof Error ? cause.message : String(cause)
    throw new PossibleReorgError(
      `expected the chain to answer ${what} at block ${block.number}, found an error: ${found}`,
      cause,
    )
  }
}

function questionKey(question: Question): string {
  if (question.type !== 'call') return `${question.type}${bytesText(question.address)}`
  return `${bytesText(question.call.to)}${bytesText(question.call.data)}`
}

function requestedFunction(
  request: ContractRequest,
  abis: ReadonlyMap<string, ContractAbi>,
): AbiFunction {
  const abi = abis.get(request.contractName)
  if (abi === undefined) {
    throw new DeterministicError(
      `Could not find ABI for contract "${request.contractName}", try adding it to the 'abis' section of the subgraph manifest`,
    )
  }
  const found = findFunction(abi, request.functionName, request.signature)
  if (found !== undefined) return found
  const isNamed = abi.functions.some(({ name }) => name === request.functionName)
  const which = isNamed ? ` with signature \`${request.signature}\`` : ''
  throw new DeterministicError(
    `Unknown function "${request.contractName}::${request.functionName}"${which} called from WASM runtime`,
  )
}

function callOf(request: ContractRequest, { inputs, ...rest }: AbiFunction): ChainCall {
  const fits =
    inputs.length === request.values.length &&
    inputs.every(({ type }, index) => {
      const value = request.values[index]
      return value !== undefined && isOfType(value, type)
    })
  if (!fits) {
    throw new NonDeterministicError(
      `expected values for ${request.signature}, found others`,
      'SUBGRAPH_CALL_INVALID',
    )
  }
  const selector = functionSelector({ inputs, ...rest })
  return { to: request.address, data: Buffer.concat([selector, encodeValues(request.values)]) }
}

/**
 * Bytes that do not hold the values count as a call that reverted: that is what Solidity does with
 * them, and what graph-node does.
 */
function decodeAnswer(bytes: Uint8Array | undefined, { outputs }: AbiFunction): CallResult {
  if (bytes === undefined) return undefined
  const types = outputs.map(({ type }) => type)
  return decodeValues(types, bytes)
}

type CallQuestion = Question & { readonly type: 'call' }

function declaredCalls(run: HandlerRun): readonly CallQuestion[] {
  if (run.type === 'block') return []
  return run.handler.calls.flatMap((declared) => {
    const abi = run.source.template.abis.get(declared.contractName)
    const abiFunction =
      abi === undefined ? undefined : findFunction(abi, declared.functionName, undefined)
    const request = abiFunction === undefined ? undefined : declaredRequest(declared, run)
    if (abiFunction === undefined || request === undefined) return []
    const data = Buffer.concat([functionSelector(abiFunction), encodeValues(request.values)])
    const functionName = `${declared.contractName}.${declared.functionName}`
    return [{ type: 'call', call: { to: request.to, data }, functionName }]
  })
}

function declaredRequest(
  { address, values }: DeclaredCall,
  run: HandlerRun & { readonly type: 'event' },
): { readonly to: Uint8Array; readonly values: readonly EthereumValue[] } | undefined {
  const resolve = (argument: CallArgument) => argumentValue(argument, run)
  const to = resolve(address)
  const resolved = values.map(resolve).filter((value) => value !== undefined)
  if (to?.type !== 'address' || resolved.length !== values.length) return undefined
  return { to: to.value, values: resolved }
}

function argumentValue(
  argument: CallArgument,
  { log, parameters, handler }: HandlerRun & { readonly type: 'event' },
): EthereumValue | undefined {
  if (argument.type === 'event-address') return { type: 'address', value: log.address }
  if (argument.type === 'literal-address') {
    return { type: 'address', value: Buffer.from(argument.address.slice(2), 'hex') }
  }
  const [name, ...members] = argument.path
  let value = parameters.find((parameter: EventParameter) => parameter.name === name)?.value
  let abi = handler.abi.inputs.find((input) => input.name === name)?.parameter
  for (const member of members) {
    const components: NonNullable<typeof abi>['components'] = abi?.components ?? []
    const at = /^\d+$/.test(member)
      ? Number(member)
      : components.findIndex((component) => component.name === member)
    abi = components[at]
    value = value?.type === 'tuple' ? value.value[at] : undefined
  }
  return value
}

/** A handler asked what the chain has not answered yet; it runs again with the answer. */
export class UnansweredError extends Error {
  readonly question: Question

  constructor(question: Question) {
    super('the chain has not answered yet')
    this.question = question
  }
}

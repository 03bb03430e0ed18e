import { type ContractName, type Deployment, FatalError, type Hex } from '@foggara/schema'
import { decodeAbiParameters, fromHex, toHex } from 'viem'

import { describeRevert, encodeCall, functionOf } from './artifacts.ts'
import { type Rpc, type RpcCall, RpcRefusedError, openRpc } from './rpc.ts'

/** A connection to a devnet and the contracts on it. */
export type Devnet = {
  readonly rpc: Rpc
  readonly deployment: Deployment
  /** The next nonce of accounts that have sent through this connection. */
  readonly nonces: Map<Hex, number>
}

/** One transaction: a function of a contract, sent by an account whose key the node holds. */
export type Transaction = {
  readonly from: Hex
  readonly contract: ContractName
  readonly functionName: string
  readonly args: readonly unknown[]
}

/** A block that {@link mineBlock} made. */
export type MinedBlock = {
  readonly number: number
  readonly hash: Hex
  /** The hashes of the transactions that were sent for it, in the order they were sent. */
  readonly sent: readonly Hex[]
  /** In the order of the block. */
  readonly receipts: readonly TransactionReceipt[]
}

/** What became of a transaction. */
export type TransactionReceipt = {
  readonly transactionHash: Hex
  readonly succeeded: boolean
  readonly contractAddress: Hex | undefined
  readonly logs: readonly RawLog[]
}

/** A log as the node returns it. */
export type RawLog = {
  readonly address: Hex
  readonly topics: readonly Hex[]
  readonly data: Hex
  readonly blockNumber: Hex
}

/** Connects to a devnet at `rpcUrl` that holds `deployment`. */
export function connectDevnet(rpcUrl: string, deployment: Deployment): Devnet {
  return { rpc: openRpc(rpcUrl), deployment, nonces: new Map() }
}

/** Calls a view function and returns its only (or its several) values. */
export async function read(
  devnet: Devnet,
  contract: ContractName,
  functionName: string,
  args: readonly unknown[] = [],
): Promise<unknown> {
  const to = devnet.deployment.contracts[contract]
  const data = encodeCall(contract, functionName, args)
  const answer = await devnet.rpc.request('eth_call', { to, data }, 'latest')
  const { outputs } = functionOf(contract, functionName).abi
  const values = decodeAbiParameters(outputs, answer as Hex)
  return outputs.length === 1 ? values[0] : values
}

/** The number of the newest block. */
export async function headNumber(devnet: Devnet): Promise<number> {
  return fromHex((await devnet.rpc.request('eth_blockNumber')) as Hex, 'number')
}

/**
 * Mines block `number`, which must be the next, with these transactions in this order, after
 * whatever already waits in the pool. Reverted transactions are in the block.
 */
export async function mineBlock(
  devnet: Devnet,
  transactions: readonly Transaction[],
  number: number,
): Promise<MinedBlock> {
  await loadNonces(devnet, transactions)
  const sent: unknown[] = []
  for (let start = 0; start < transactions.length; start += SEND_COUNT_MAX) {
    const part = transactions.slice(start, start + SEND_COUNT_MAX)
    sent.push(...(await devnet.rpc.batch(part.map((one) => sending(devnet, one)))))
  }
  await devnet.rpc.request('evm_mine')
  const [block, receipts] = await devnet.rpc.batch([
    ['eth_getBlockByNumber', [toHex(number), false]],
    ['eth_getBlockReceipts', [toHex(number)]],
  ])
  const header = block as { readonly hash: Hex } | null
  if (header === null) throw new BlockNotMinedError(number)
  return {
    number,
    hash: header.hash,
    sent: sent as Hex[],
    receipts: (receipts as readonly RawReceipt[]).map(parseReceipt),
  }
}

/**
 * Mines one block with one transaction and returns its receipt.
 *
 * @throws {TransactionRevertedError} with the contract's custom error.
 */
export async function transact(
  devnet: Devnet,
  transaction: Transaction,
): Promise<TransactionReceipt> {
  devnet.nonces.delete(transaction.from)
  const number = (await headNumber(devnet)) + 1
  const block = await mineBlock(devnet, [transaction], number)
  const receipt = block.receipts.at(-1)
  if (receipt === undefined) throw new BlockNotMinedError(number)
  if (!receipt.succeeded) throw await explainRevert(devnet, transaction, number)
  return receipt
}

/** Why a transaction reverted, found by calling it again on the state before its block. */
export async function explainRevert(
  devnet: Devnet,
  transaction: Transaction,
  blockNumber: number,
): Promise<TransactionRevertedError> {
  const name = `${transaction.contract}.${transaction.functionName}`
  try {
    await devnet.rpc.request('eth_call', envelope(devnet, transaction), toHex(blockNumber - 1))
  } catch (error) {
    if (!(error instanceof RpcRefusedError)) throw error
    return new TransactionRevertedError(name, describeRevert(error.data))
  }
  return new TransactionRevertedError(name, 'a reason that only its place in the block explains')
}

/** Mines empty blocks, the given number of them. */
export async function mine(devnet: Devnet, blockCount: number): Promise<void> {
  await devnet.rpc.request('anvil_mine', toHex(blockCount))
}

const GAS_MAX = 8_000_000

/** The node takes the calls of one request in order only up to about a hundred of them. */
const SEND_COUNT_MAX = 50

type RawReceipt = {
  readonly transactionHash: Hex
  readonly status: Hex
  readonly contractAddress: Hex | null
  readonly logs: readonly RawLog[]
}

function parseReceipt(raw: RawReceipt): TransactionReceipt {
  return {
    transactionHash: raw.transactionHash,
    succeeded: raw.status === '0x1',
    contractAddress: raw.contractAddress ?? undefined,
    logs: raw.logs,
  }
}

function envelope(devnet: Devnet, transaction: Transaction) {
  return {
    from: transaction.from,
    to: devnet.deployment.contracts[transaction.contract],
    data: encodeCall(transaction.contract, transaction.functionName, transaction.args),
    gas: toHex(GAS_MAX),
  }
}

function sending(devnet: Devnet, transaction: Transaction): RpcCall {
  const nonce = devnet.nonces.get(transaction.from) ?? 0
  devnet.nonces.set(transaction.from, nonce + 1)
  const fields = { ...envelope(devnet, transaction), gasPrice: '0x0', nonce: toHex(nonce) }
  return ['eth_sendTransaction', [fields]]
}

async function loadNonces(devnet: Devnet, transactions: readonly Transaction[]): Promise<void> {
  const senders = new Set(transactions.map((transaction) => transaction.from))
  const unknown = [...senders].filter((sender) => !devnet.nonces.has(sender))
  const counts = await devnet.rpc.batch(
    unknown.map((sender): RpcCall => ['eth_getTransactionCount', [sender, 'pending']]),
  )
  for (const [index, sender] of unknown.entries()) {
    devnet.nonces.set(sender, fromHex(counts[index] as Hex, 'number'))
  }
}

/** The node did not make the block that was asked for. */
export class BlockNotMinedError extends FatalError {
  constructor(number: number) {
    super('BLOCK_NOT_MINED', `expected block ${number} with its transactions, found none`, {
      hint: 'Let only one process mine on a devnet.',
    })
  }
}

/** A contract refused a transaction. */
export class TransactionRevertedError extends FatalError {
  /** The custom error with its arguments. */
  readonly reason: string

  constructor(name: string, reason: string) {
    super('TRANSACTION_REVERTED', `${name} reverted: ${reason}`)
    this.reason = reason
  }
}

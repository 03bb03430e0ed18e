import type { ChainBlock, ChainLog, ChainReceipt, ChainTransaction } from '../chain-source.ts'
import type { AscHeap, Pointer } from './asc-heap.ts'
import { type EthereumValue, writeEthereumValue } from './ethereum-values.ts'
import { TYPE_INDEX } from './type-index.ts'

/** A decoded event on its way to its handler. */
export type EventTrigger = {
  readonly block: ChainBlock
  readonly transaction: ChainTransaction
  readonly log: ChainLog
  readonly parameters: readonly EventParameter[]
  /** Present where the manifest asks for it. */
  readonly receipt?: ChainReceipt
}

/** A named value of an event. */
export type EventParameter = { readonly name: string; readonly value: EthereumValue }

/** The patch number of apiVersion 0.0.x. */
export type ApiPatch = 5 | 6 | 7 | 8 | 9

/** Writes the object that an event handler gets; its fields grew with the apiVersion. */
export function writeEvent(heap: AscHeap, event: EventTrigger, api: ApiPatch): Pointer {
  const parameters = event.parameters.map(({ name, value }) =>
    heap.writeFields(TYPE_INDEX.EventParam, [
      heap.writeString(name),
      writeEthereumValue(heap, value),
    ]),
  )
  const fields = [
    heap.writeBytes(event.log.address),
    heap.writeBigInt(BigInt(event.log.logIndex)),
    heap.writeBigInt(BigInt(event.log.logIndex)),
    0,
    writeBlock(heap, event.block, api),
    writeTransaction(heap, event.transaction, api),
    heap.writeArray(TYPE_INDEX.ArrayEventParam, parameters),
  ]
  if (api >= 7) {
    fields.push(event.receipt === undefined ? 0 : writeReceipt(heap, event.receipt, event.block))
  }
  return heap.writeFields(TYPE_INDEX.EthereumEvent, fields)
}

/** Writes the object that a block handler gets. */
export function writeBlock(heap: AscHeap, block: ChainBlock, api: ApiPatch): Pointer {
  const fields = [
    heap.writeBytes(block.hash),
    heap.writeBytes(block.parentHash),
    heap.writeBytes(block.unclesHash),
    heap.writeBytes(block.author),
    heap.writeBytes(block.stateRoot),
    heap.writeBytes(block.transactionsRoot),
    heap.writeBytes(block.receiptsRoot),
    heap.writeBigInt(BigInt(block.number)),
    heap.writeBigInt(block.gasUsed),
    heap.writeBigInt(block.gasLimit),
    heap.writeBigInt(block.timestamp),
    heap.writeBigInt(block.difficulty),
    heap.writeBigInt(block.totalDifficulty),
    writeOptional(heap, block.size),
  ]
  if (api >= 6) fields.push(writeOptional(heap, block.baseFeePerGas))
  return heap.writeFields(TYPE_INDEX.EthereumBlock, fields)
}

function writeTransaction(heap: AscHeap, transaction: ChainTransaction, api: ApiPatch): Pointer {
  const fields = [
    heap.writeBytes(transaction.hash),
    heap.writeBigInt(BigInt(transaction.index)),
    heap.writeBytes(transaction.from),
    transaction.to === undefined ? 0 : heap.writeBytes(transaction.to),
    heap.writeBigInt(transaction.value),
    heap.writeBigInt(transaction.gasLimit),
    heap.writeBigInt(transaction.gasPrice),
    heap.writeBytes(transaction.input),
  ]
  if (api >= 6) fields.push(heap.writeBigInt(transaction.nonce))
  return heap.writeFields(TYPE_INDEX.EthereumTransaction, fields)
}

function writeReceipt(heap: AscHeap, receipt: ChainReceipt, block: ChainBlock): Pointer {
  const logs = receipt.logs.map((log) => writeLog(heap, log, receipt, block))
  return heap.writeFields(TYPE_INDEX.TransactionReceipt, [
    heap.writeBytes(receipt.transactionHash),
    heap.writeBigInt(BigInt(receipt.transactionIndex)),
    heap.writeBytes(block.hash),
    heap.writeBigInt(BigInt(block.number)),
    heap.writeBigInt(receipt.cumulativeGasUsed),
    heap.writeBigInt(receipt.gasUsed),
    receipt.contractAddress === undefined ? 0 : heap.writeBytes(receipt.contractAddress),
    heap.writeArray(TYPE_INDEX.ArrayLog, logs),
    writeOptional(heap, receipt.status),
    receipt.root === undefined ? 0 : heap.writeBytes(receipt.root),
    heap.writeBytes(receipt.logsBloom),
  ])
}

function writeLog(heap: AscHeap, log: ChainLog, receipt: ChainReceipt, block: ChainBlock): Pointer {
  const topics = log.topics.map((topic) => heap.writeBytes(topic))
  return heap.writeFields(TYPE_INDEX.Log, [
    heap.writeBytes(log.address),
    heap.writeArray(TYPE_INDEX.ArrayTopic, topics),
    heap.writeBytes(log.data),
    heap.writeBytes(block.hash),
    heap.writeBigInt(BigInt(block.number)),
    heap.writeBytes(receipt.transactionHash),
    heap.writeBigInt(BigInt(receipt.transactionIndex)),
    heap.writeBigInt(BigInt(log.logIndex)),
    0,
    0,
    heap.writeByte(TYPE_INDEX.WrappedBool, 0),
  ])
}

function writeOptional(heap: AscHeap, value: bigint | undefined): Pointer {
  return value === undefined ? 0 : heap.writeBigInt(value)
}

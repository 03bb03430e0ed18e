import {
  CONTRACT_NAMES,
  type ContractName,
  type Deployment,
  EVENT_TABLES,
  type EventTable,
  type Hex,
  invariant,
  snakeCase,
} from '@foggara/schema'
import { decodeEventLog, toEventSelector } from 'viem'

import type { Row, RowValue } from '../store/row-binary.ts'
import type { Log } from './block.ts'

/** A log together with what it means. */
export type DecodedLog = {
  readonly log: Log
  readonly contract: ContractName
  /** Absent when the log is of another event, or cannot be decoded as the one it claims to be. */
  readonly event?: {
    readonly table: EventTable
    readonly argumentsByName: Readonly<Record<string, unknown>>
  }
  /** Set when a log of a known event cannot be decoded. */
  readonly problem?: string
}

/** Decodes logs of one deployment. */
export type LogDecoder = {
  readonly addresses: readonly Hex[]
  readonly decode: (log: Log) => DecodedLog
}

/** Prepares the decoding of a deployment's logs. Raises nothing for any log: see `problem`. */
export function createLogDecoder(deployment: Deployment): LogDecoder {
  const contracts = new Map<string, ContractName>(
    CONTRACT_NAMES.map((name) => [deployment.contracts[name].toLowerCase(), name]),
  )
  const tables = new Map<string, EventTable>(
    EVENT_TABLES.map((table) => [`${table.contract} ${toEventSelector(table.event)}`, table]),
  )
  return {
    addresses: CONTRACT_NAMES.map((name) => lowerCase(deployment.contracts[name])),
    decode: (log) => {
      const contract = contracts.get(log.address)
      invariant(contract !== undefined, `a log of ${log.address}, which is not indexed`)
      const table = tables.get(`${contract} ${log.topics[0] ?? ''}`)
      return table === undefined ? { log, contract } : { contract, ...decodeEvent(log, table) }
    },
  }
}

/** The row of a typed event table. */
export function eventRow(
  log: Log,
  atSeconds: number,
  table: EventTable,
  argumentsByName: Readonly<Record<string, unknown>>,
): Row {
  const values: Record<string, RowValue> = evidenceColumns(log, atSeconds)
  for (const input of table.event.inputs) {
    const name = input.name ?? ''
    // The encoder of the column checks the value's type and bounds.
    values[snakeCase(name)] = argumentsByName[name] as RowValue
  }
  return values
}

/** The columns that lead back from a row to its log. */
export function evidenceColumns(log: Log, atSeconds: number): Record<string, RowValue> {
  return {
    block: log.block,
    log_index: log.logIndex,
    transaction_hash: log.transactionHash,
    at_seconds: atSeconds,
  }
}

function decodeEvent(log: Log, table: EventTable): Pick<DecodedLog, 'log' | 'event' | 'problem'> {
  try {
    const topics = [...log.topics] as [Hex, ...Hex[]]
    const { args } = decodeEventLog({ abi: [table.event], topics, data: log.payload })
    const argumentsByName = Object.fromEntries(Object.entries(args ?? {}))
    return { log, event: { table, argumentsByName } }
  } catch (error) {
    const text = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    return { log, problem: `${table.event.name}: ${text}` }
  }
}

function lowerCase(address: Hex): Hex {
  return address.toLowerCase() as Hex
}

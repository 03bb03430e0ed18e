import type { AbiEvent, AbiParameter } from 'viem'

import { CONTRACT_NAMES, type ContractName, eventsOf } from '../contracts.ts'
import { type Column, type ColumnType, EVIDENCE_COLUMNS, type Table, snakeCase } from './column.ts'
import { EventUnsupportedError } from './event-unsupported.ts'

/** A typed event table and the event it is generated from. */
export type EventTable = Table & { readonly contract: ContractName; readonly event: AbiEvent }

const COLUMN_TYPES: Readonly<Record<string, ColumnType>> = {
  address: 'FixedString(20)',
  bool: 'Bool',
  bytes: 'Bytes',
  bytes32: 'FixedString(32)',
  'bytes32[]': 'Array(FixedString(32))',
  int256: 'Int256',
  string: 'String',
  uint8: 'UInt8',
  uint32: 'UInt32',
  uint64: 'UInt64',
  uint256: 'UInt256',
}

/** One table per event of every indexed contract: the table's name is the event's in snake case. */
export const EVENT_TABLES: readonly EventTable[] = CONTRACT_NAMES.flatMap((contract) =>
  eventsOf(contract).map((event) => ({
    contract,
    event,
    name: snakeCase(event.name),
    stream: 'chain' as const,
    columns: [...EVIDENCE_COLUMNS, ...event.inputs.map((input) => eventColumn(event, input))],
    orderBy: ['block', 'log_index'],
  })),
)

function eventColumn(event: AbiEvent, input: AbiParameter): Column {
  const type = COLUMN_TYPES[input.type]
  if (type === undefined || input.name === undefined) {
    throw new EventUnsupportedError(event.name, `${input.type} ${input.name ?? '(unnamed)'}`)
  }
  return { name: snakeCase(input.name), type }
}

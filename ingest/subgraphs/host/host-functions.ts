import { keccak256 } from 'viem'

import { DeterministicError, NonDeterministicError } from '../failure.ts'
import type { AscHeap, Pointer } from '../heap/asc-heap.ts'
import type { ApiPatch } from '../heap/chain-objects.ts'
import { readEntity, writeEntities, writeEntity } from '../heap/store-values.ts'
import type { WasmFunction } from '../heap/web-assembly.ts'
import { bigIntToHex, bytesToBase58, bytesToString, stringToAddress } from './conversions.ts'
import { ethereumFunctions } from './ethereum-functions.ts'
import type { HostContext, LogLevel } from './host-context.ts'
import { jsonFunctions } from './json-functions.ts'
import { numberFunctions } from './number-functions.ts'
import { yamlFunctions } from './yaml-functions.ts'

/** What the functions of one instance work with. */
export type HostState = {
  /** The heap of the running instance. */
  readonly heap: () => AscHeap
  /** The handler's surroundings; raises an error while no handler runs. */
  readonly context: () => HostContext
  readonly api: ApiPatch
}

const LOG_LEVELS: readonly LogLevel[] = ['critical', 'error', 'warning', 'info', 'debug']

/** Every function that a mapping of the apiVersion may import, by its name. */
export function hostFunctions(state: HostState): ReadonlyMap<string, WasmFunction> {
  const functions: Readonly<Record<string, WasmFunction>> = {
    ...systemFunctions(state),
    ...storeFunctions(state),
    ...conversionFunctions(state),
    ...dataSourceFunctions(state),
    ...numberFunctions(state),
    ...ethereumFunctions(state),
    ...jsonFunctions(state),
    ...yamlFunctions(state),
  }
  return new Map(Object.entries(functions))
}

function systemFunctions({ heap, context }: HostState): Readonly<Record<string, WasmFunction>> {
  return {
    abort: (message: Pointer, file: Pointer, line: number, column: number) => {
      const text = message === 0 ? 'no message' : `message: ${heap().readString(message)}`
      const where = [
        ...(file === 0 ? [] : [heap().readString(file)]),
        ...(line === 0 ? [] : [`line ${line}`]),
        ...(column === 0 ? [] : [`column ${column}`]),
      ]
      throw new DeterministicError(`Mapping aborted at ${where.join(', ')}, with ${text}`)
    },
    'log.log': (level: number, message: Pointer) => {
      const text = heap().readString(message)
      context().log(LOG_LEVELS[level] ?? 'debug', text)
      if (level !== 0) return
      throw new DeterministicError(`Critical error logged in mapping with log message: ${text}`)
    },
    'crypto.keccak256': (bytes: Pointer) =>
      heap().writeBytes(keccak256(heap().readBytes(bytes), 'bytes')),
    'ens.nameByHash': (hash: Pointer) => {
      const { ensName } = context()
      if (ensName === undefined) throw ensMissing()
      const name = ensName(heap().readString(hash))
      return name === undefined ? 0 : heap().writeString(name)
    },
  }
}

/** Without its table graph-node fails as well: nobody else knows the names. */
function ensMissing(): NonDeterministicError {
  return new NonDeterministicError(
    'Missing ENS data: see https://github.com/graphprotocol/ens-rainbow',
    'SUBGRAPH_ENS_MISSING',
    'Give the runner a table of names, or leave ens.nameByHash out.',
  )
}

function storeFunctions({ heap, context }: HostState): Readonly<Record<string, WasmFunction>> {
  const get = (scope: 'store' | 'block') => (typeName: Pointer, id: Pointer) => {
    const type = heap().readString(typeName)
    const entity = context().entities.get(type, heap().readString(id), scope)
    return entity === undefined ? 0 : writeEntity(heap(), entity)
  }
  return {
    'store.get': get('store'),
    'store.get_in_block': get('block'),
    'store.loadRelated': (typeName: Pointer, id: Pointer, field: Pointer) => {
      const type = heap().readString(typeName)
      const ownId = heap().readString(id)
      const entities = context().entities.related(type, ownId, heap().readString(field))
      return writeEntities(heap(), entities)
    },
    'store.set': (typeName: Pointer, id: Pointer, entity: Pointer) => {
      const type = heap().readString(typeName)
      const ownId = heap().readString(id)
      context().entities.set(type, ownId, readEntity(heap(), entity))
    },
    'store.remove': (typeName: Pointer, id: Pointer) =>
      context().entities.remove(heap().readString(typeName), heap().readString(id)),
  }
}

function conversionFunctions({ heap }: HostState): Readonly<Record<string, WasmFunction>> {
  return {
    'typeConversion.bytesToString': (bytes: Pointer) =>
      heap().writeString(bytesToString(heap().readBytes(bytes))),
    'typeConversion.bytesToHex': (bytes: Pointer) => heap().writeString(heap().readHex(bytes)),
    'typeConversion.bigIntToString': (value: Pointer) =>
      heap().writeString(heap().readBigInt(value).toString()),
    'typeConversion.bigIntToHex': (value: Pointer) =>
      heap().writeString(bigIntToHex(heap().readBigInt(value))),
    'typeConversion.stringToH160': (text: Pointer) =>
      heap().writeBytes(stringToAddress(heap().readString(text))),
    'typeConversion.bytesToBase58': (bytes: Pointer) =>
      heap().writeString(bytesToBase58(heap().readBytes(bytes))),
  }
}

function dataSourceFunctions({ heap, context }: HostState): Readonly<Record<string, WasmFunction>> {
  const readTexts = (list: Pointer) =>
    heap()
      .readArray(list)
      .map((text) => heap().readString(text))
  return {
    'dataSource.create': (name: Pointer, parameters: Pointer) =>
      context().dataSource.create(heap().readString(name), readTexts(parameters), undefined),
    'dataSource.createWithContext': (name: Pointer, parameters: Pointer, entity: Pointer) =>
      context().dataSource.create(
        heap().readString(name),
        readTexts(parameters),
        readEntity(heap(), entity),
      ),
    'dataSource.address': () => heap().writeBytes(context().dataSource.address),
    'dataSource.network': () => heap().writeString(context().dataSource.network),
    'dataSource.context': () => writeEntity(heap(), context().dataSource.context),
  }
}

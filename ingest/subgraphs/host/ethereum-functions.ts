import { parseAbiType } from '../abi/abi-type.ts'
import { decodeValues } from '../abi/decode.ts'
import { encodeValues } from '../abi/encode.ts'
import { DeterministicError } from '../failure.ts'
import type { AscHeap, Pointer } from '../heap/asc-heap.ts'
import {
  readEthereumValue,
  writeEthereumValue,
  writeEthereumValues,
} from '../heap/ethereum-values.ts'
import { TYPE_INDEX } from '../heap/type-index.ts'
import type { WasmFunction } from '../heap/web-assembly.ts'
import type { ContractRequest } from './host-context.ts'
import type { HostState } from './host-functions.ts'

/** The functions that read the chain, and those of the ABI. */
export function ethereumFunctions({
  heap,
  context,
  api,
}: HostState): Readonly<Record<string, WasmFunction>> {
  const since9 = (name: string) => {
    if (api >= 9) return
    throw new DeterministicError(`ethereum.${name} call is not supported before API version 0.0.9`)
  }
  return {
    'ethereum.call': (request: Pointer) => {
      const values = context().chain.call(readRequest(heap(), request))
      return values === undefined ? 0 : writeEthereumValues(heap(), values)
    },
    'ethereum.getBalance': (address: Pointer) => {
      since9('getBalance')
      return heap().writeBigInt(context().chain.balance(heap().readBytes(address)))
    },
    'ethereum.hasCode': (address: Pointer) => {
      since9('hasCode')
      const hasCode = context().chain.hasCode(heap().readBytes(address))
      return heap().writeByte(TYPE_INDEX.WrappedBool, hasCode ? 1 : 0)
    },
    'ethereum.encode': (value: Pointer) =>
      heap().writeBytes(encodeValues([readEthereumValue(heap(), value)])),
    'ethereum.decode': (types: Pointer, bytes: Pointer) => {
      const type = parseAbiType(heap().readString(types))
      const content = heap().readBytes(bytes)
      const value = type === undefined ? undefined : decodeValues([type], content)?.[0]
      return value === undefined ? 0 : writeEthereumValue(heap(), value)
    },
  }
}

function readRequest(heap: AscHeap, pointer: Pointer): ContractRequest {
  return {
    contractName: heap.readString(heap.field(pointer, 0)),
    address: heap.readBytes(heap.field(pointer, 1)),
    functionName: heap.readString(heap.field(pointer, 2)),
    signature: heap.readString(heap.field(pointer, 3)),
    values: heap.readArray(heap.field(pointer, 4)).map((item) => readEthereumValue(heap, item, 1)),
  }
}

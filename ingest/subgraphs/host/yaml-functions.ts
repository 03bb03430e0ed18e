import { DeterministicError } from '../failure.ts'
import type { AscHeap, Pointer } from '../heap/asc-heap.ts'
import { TYPE_INDEX } from '../heap/type-index.ts'
import type { WasmFunction } from '../heap/web-assembly.ts'
import type { HostState } from './host-functions.ts'
import { parseYamlText, YAML_BYTES_MAX, type YamlValue } from './yaml-text.ts'

const KIND = { null: 0, bool: 1, number: 2, string: 3, array: 4, object: 5, tagged: 6 } as const

/** The functions that read YAML. */
export function yamlFunctions({ heap }: HostState): Readonly<Record<string, WasmFunction>> {
  return {
    'yaml.fromBytes': (bytes: Pointer) => {
      const content = heap().readBytes(bytes)
      const value = parseYamlText(content)
      if (value !== undefined) return writeYaml(heap(), value)
      throw new DeterministicError(
        content.length > YAML_BYTES_MAX
          ? `YAML size exceeds max size of ${YAML_BYTES_MAX} bytes`
          : 'failed to parse YAML from bytes',
      )
    },
    'yaml.try_fromBytes': (bytes: Pointer) => {
      const value = parseYamlText(heap().readBytes(bytes))
      const wrapped =
        value === undefined
          ? 0
          : heap().writeFields(TYPE_INDEX.WrappedYaml, [writeYaml(heap(), value)])
      const error = value === undefined ? heap().writeByte(TYPE_INDEX.WrappedBool, 1) : 0
      return heap().writeFields(TYPE_INDEX.YamlResult, [wrapped, error])
    },
  }
}

function writeYaml(heap: AscHeap, value: YamlValue): Pointer {
  return heap.writeEnum(TYPE_INDEX.YamlValue, KIND[value.type], yamlPayload(heap, value))
}

function yamlPayload(heap: AscHeap, value: YamlValue): number {
  switch (value.type) {
    case 'null':
      return 0
    case 'bool':
      return value.value ? 1 : 0
    case 'number':
    case 'string':
      return heap.writeString(value.value)
    case 'array': {
      const items = value.value.map((item) => writeYaml(heap, item))
      return heap.writeArray(TYPE_INDEX.ArrayYamlValue, items)
    }
    case 'object': {
      const entries = value.value.map((entry) => {
        const key = writeYaml(heap, entry.key)
        return heap.writeFields(TYPE_INDEX.YamlMapEntry, [key, writeYaml(heap, entry.value)])
      })
      const entriesAt = heap.writeArray(TYPE_INDEX.ArrayYamlMapEntry, entries)
      return heap.writeFields(TYPE_INDEX.YamlMap, [entriesAt])
    }
    case 'tagged': {
      const tag = heap.writeString(value.tag)
      return heap.writeFields(TYPE_INDEX.YamlTagged, [tag, writeYaml(heap, value.value)])
    }
    default:
      return value satisfies never
  }
}

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { CONTRACT_ABIS, accumulatorAbi } from '@foggara/schema'

/** Where the manifest finds the ABIs. */
export const ABIS_DIRECTORY = join(import.meta.dirname, 'abis')

/** The text of every ABI file of the subgraph, by file name. */
export function abiFiles(): ReadonlyMap<string, string> {
  const abis = { ...CONTRACT_ABIS, Accumulator: accumulatorAbi }
  return new Map(
    Object.entries(abis).map(([name, abi]) => {
      const items: readonly AbiItem[] = abi
      return [`${name}.json`, `${JSON.stringify(items.map(complete), null, 2)}\n`]
    }),
  )
}

type AbiItem = { readonly type: string; readonly inputs: readonly object[] }

/** The subgraph's compilers want every optional field of an ABI. */
function complete(item: AbiItem): object {
  if (item.type !== 'event') return item
  const inputs = item.inputs.map((input) => ({ indexed: false, ...input }))
  return { ...item, anonymous: false, inputs }
}

if (import.meta.main) {
  mkdirSync(ABIS_DIRECTORY, { recursive: true })
  for (const [name, text] of abiFiles()) writeFileSync(join(ABIS_DIRECTORY, name), text)
}

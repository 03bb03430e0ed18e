import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { CONTRACT_ABIS, CONTRACT_NAMES, type ContractName, accumulatorAbi } from '@foggara/schema'
import { type Abi, toEventSelector, toFunctionSignature } from 'viem'
import { expect, test } from 'vitest'

import { ARTIFACTS_DIRECTORY, readArtifact } from './artifacts.ts'
import { artifactText, compileContracts } from './compile.ts'

/** Events that OpenZeppelin's contracts bring along; none carries a sequence. */
function ownEvents(abi: Abi): readonly string[] {
  return abi
    .filter((item) => item.type === 'event')
    .filter((event) => event.inputs[0]?.name === 'sequence')
    .map((event) => {
      const inputs = event.inputs.map((input) => {
        return `${input.type}${input.indexed === true ? ' indexed' : ''} ${input.name}`
      })
      return `${toEventSelector(event)} ${event.name}(${inputs.join(', ')})`
    })
    .toSorted()
}

function signatures(abi: Abi): readonly string[] {
  return abi.filter((item) => item.type === 'function').map((item) => toFunctionSignature(item))
}

/** Eight seconds of one processor, which other tests may keep busy. */
const COMPILE_MS_MAX = 300_000

test('compiling again gives the committed artifacts', { timeout: COMPILE_MS_MAX }, () => {
  for (const artifact of compileContracts()) {
    const path = join(ARTIFACTS_DIRECTORY, `${artifact.contractName}.json`)
    expect(artifactText(artifact) === readFileSync(path, 'utf8'), artifact.contractName).toBe(true)
  }
})

test.each(CONTRACT_NAMES)('%s has exactly the events and all functions of the schema', (name) => {
  const schema: Abi = CONTRACT_ABIS[name satisfies ContractName]
  const { abi, bytecode } = readArtifact(name)
  expect(ownEvents(abi)).toEqual(ownEvents(schema))
  expect(signatures(abi)).toEqual(expect.arrayContaining([...signatures(schema)]))
  expect(signatures(abi)).toEqual(expect.arrayContaining([...signatures(accumulatorAbi)]))
  expect(bytecode.length / 2).toBeLessThan(24_576 + 2048)
})

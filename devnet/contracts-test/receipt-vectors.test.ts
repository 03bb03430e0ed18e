import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

import {
  type Hex,
  receiptBatchDigest,
  receiptDigest,
  receiptDomain,
  parseReceiptJson,
  receiptMessage,
} from '@foggara/schema'
import { StandardMerkleTree } from '@openzeppelin/merkle-tree'
import { type Abi, decodeFunctionResult, encodeFunctionData } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type Anvil, startAnvil } from '../anvil.ts'
import { openRpc } from '../rpc.ts'

// The vectors of docs/receipts.md, recomputed by a contract that shares no code with ours.

type Vectors = {
  readonly domain: { readonly chainId: number; readonly verifyingContract: Hex }
  readonly signer: Hex
  readonly receipts: readonly { name: string; receipt: unknown; digest: Hex }[]
  readonly batches: readonly {
    readonly name: string
    readonly header: {
      readonly version: number
      readonly provider: Hex
      readonly sequence: string
      readonly previous: Hex
      readonly count: number
      readonly feeTotal: string
      readonly root: Hex
    }
    readonly digests: readonly Hex[]
    readonly digest: Hex
    readonly bytes: Hex
  }[]
}

const FOLDER = import.meta.dirname
const { domain, signer, receipts, batches } = JSON.parse(
  readFileSync(join(FOLDER, '..', '..', 'docs', 'receipt-vectors.json'), 'utf8'),
) as Vectors
const VERIFIER: Hex = `0x${'fe'.repeat(20)}`
const NAME = 'ReceiptBatchVerifier'

let anvil: Anvil
let contract: { readonly abi: Abi; readonly code: Hex }
beforeAll(async () => {
  anvil = await startAnvil()
  contract = compileVerifier()
})
afterAll(() => anvil.stop())

test.each(batches)('a contract finds the batch of $name to be what it claims', async (batch) => {
  const { header, digest, digests, bytes } = batch
  const verified = await call('verifyBatch', [bytes, domain.chainId, domain.verifyingContract])
  expect(verified).toMatchObject({ digest, digests, root: header.root })
  const { signer: found, feeTotal } = verified as { signer: string; feeTotal: bigint }
  expect([found.toLowerCase(), String(feeTotal)]).toEqual([signer, header.feeTotal])
  const { chainId, verifyingContract } = domain
  const numbers = { sequence: BigInt(header.sequence), feeTotal: BigInt(header.feeTotal) }
  const ours = receiptDomain(chainId, verifyingContract)
  expect(receiptBatchDigest({ ...header, ...numbers }, ours)).toBe(digest)
})

test.each(batches)('every receipt of the batch of $name is proven by its hash', async (batch) => {
  const { header, digests } = batch
  const tree = StandardMerkleTree.of(
    digests.map((digest) => [digest]),
    ['bytes32'],
  )
  expect(tree.root).toBe(header.root)
  for (const digest of digests) {
    expect(await call('isUnder', [header.root, digest, tree.getProof([digest])])).toBe(true)
  }
  const stranger = `0x${'01'.repeat(32)}`
  expect(await call('isUnder', [header.root, stranger, tree.getProof(0)])).toBe(false)
})

test.each(receipts)('a contract finds the receipt with $name to be signed', async (vector) => {
  const { signature, ...receipt } = parseReceiptJson(vector.receipt)
  const { chainId, verifyingContract } = domain
  const parameters = [receiptMessage(receipt), signature, chainId, verifyingContract]
  const [digest, found] = (await call('verifyReceipt', parameters)) as [Hex, string]
  expect([digest, found.toLowerCase()]).toEqual([vector.digest, signer])
  expect(receiptDigest(receipt, receiptDomain(chainId, verifyingContract))).toBe(digest)
})

async function call(functionName: string, args: readonly unknown[]): Promise<unknown> {
  const { abi, code } = contract
  const request = { to: VERIFIER, data: encodeFunctionData({ abi, functionName, args }) }
  const place = { [VERIFIER]: { code } }
  const rpc = openRpc(anvil.rpcUrl)
  const data = (await rpc.request('eth_call', request, 'latest', place)) as Hex
  return decodeFunctionResult({ abi, functionName, data })
}

function compileVerifier(): { readonly abi: Abi; readonly code: Hex } {
  const solc = createRequire(import.meta.url)('solc') as { compile: (input: string) => string }
  const file = `${NAME}.sol`
  const content = readFileSync(join(FOLDER, file), 'utf8')
  const outputSelection = { '*': { '*': ['abi', 'evm.deployedBytecode.object'] } }
  const settings = { evmVersion: 'prague', optimizer: { enabled: true }, outputSelection }
  const sources = { [file]: { content } }
  const output = JSON.parse(
    solc.compile(JSON.stringify({ language: 'Solidity', sources, settings })),
  ) as {
    readonly errors?: readonly { readonly formattedMessage: string }[]
    readonly contracts?: Record<
      string,
      Record<string, { abi: Abi; evm: { deployedBytecode: { object: string } } }>
    >
  }
  const compiled = output.contracts?.[file]?.[NAME]
  if (compiled === undefined) throw new Error(output.errors?.[0]?.formattedMessage ?? 'a contract')
  return { abi: compiled.abi, code: `0x${compiled.evm.deployedBytecode.object}` }
}

import {
  type AbiValue,
  abiEncodePacked,
  buildEarnerTree,
  buildIndexedTree,
  buildMerkleTree,
  buildUnsortedMerkleTree,
  earnerClaim,
  foldMerkleProof,
  indexAmounts,
  indexedLeaf,
  keccak256,
  merkleMultiProof,
  merkleProof,
  standardLeaf,
  verifyEarnerClaim,
  verifyMerkleProof,
  verifyMultiProof,
} from '@foggara/gpu-analytics'
import { ZERO_ADDRESS, parseBytes32 } from '@foggara/schema'
import { expect, test } from 'vitest'

import { EIGENLAYER_CLAIMS } from './eigenlayer-claims.ts'
import { publishedText, skipReason } from './published.ts'

const ROCKET_POOL = 'merkle/rocket-pool/rp-rewards-mainnet-0.json'

test.skipIf(skipReason(ROCKET_POOL) !== '')(
  `every proof of Rocket Pool's first reward interval folds to its root${skipReason(ROCKET_POOL)}`,
  () => {
    const file = JSON.parse(publishedText(ROCKET_POOL)) as {
      readonly merkleRoot: string
      readonly nodeRewards: Readonly<
        Record<
          string,
          {
            readonly rewardNetwork: number
            readonly collateralRpl: string
            readonly oracleDaoRpl: string
            readonly smoothingPoolEth: string
            readonly merkleProof: readonly string[]
          }
        >
      >
    }
    const nodes = Object.entries(file.nodeRewards)
    expect(nodes.length).toBeGreaterThan(1000)
    for (const [account, reward] of nodes) {
      const leaf: AbiValue[] = [
        { type: 'address', value: account },
        { type: 'uint256', value: BigInt(reward.rewardNetwork) },
        { type: 'uint256', value: BigInt(reward.collateralRpl) + BigInt(reward.oracleDaoRpl) },
        { type: 'uint256', value: BigInt(reward.smoothingPoolEth) },
      ]
      const proof = reward.merkleProof.map((hash) => parseBytes32(hash))
      expect(foldMerkleProof(keccak256(abiEncodePacked(leaf)), proof)).toBe(file.merkleRoot)
    }
  },
)

for (const order of ['sorted', 'unsorted']) {
  const path = `merkle/openzeppelin/standard-v1.${order}.1_0_6.json`
  test.skipIf(skipReason(path) !== '')(
    `OpenZeppelin's ${order} tree has the same nodes and positions, and proofs of any leaves fold to it${skipReason(path)}`,
    () => {
      const dump = JSON.parse(publishedText(path)) as {
        readonly tree: readonly string[]
        readonly values: readonly {
          readonly value: readonly string[]
          readonly treeIndex: number
        }[]
      }
      const leaves = dump.values.map(({ value }) =>
        standardLeaf(value.map((text) => ({ type: 'string', value: text }))),
      )
      const tree = order === 'sorted' ? buildMerkleTree(leaves) : buildUnsortedMerkleTree(leaves)
      expect(tree.nodes).toEqual(dump.tree)
      expect(tree.positions).toEqual(dump.values.map((value) => value.treeIndex))
      for (const [index, leaf] of leaves.entries()) {
        expect(verifyMerkleProof(tree.root, leaf, merkleProof(tree, index))).toBe(true)
      }
      const root = parseBytes32(dump.tree[0])
      for (let subset = 0; subset < 2 ** leaves.length; subset++) {
        const indexes = [...leaves.keys()].filter((index) => (subset >> index) % 2 === 1)
        expect(verifyMultiProof(root, merkleMultiProof(tree, indexes))).toBe(true)
      }
    },
  )
}

test("every claim of EigenLayer's own tests holds against its root, and none against another", () => {
  for (const { root, claim } of EIGENLAYER_CLAIMS) {
    const accepted = EIGENLAYER_CLAIMS.filter((other) => verifyEarnerClaim(other.root, claim))
    expect(accepted.map((other) => other.root)).toEqual([root])
  }
})

test("an earner's tokens and proofs are those that EigenLayer published for them", () => {
  const [published] = EIGENLAYER_CLAIMS
  const account = published?.claim.earnerLeaf.earner ?? ZERO_ADDRESS
  const tree = buildEarnerTree(
    (published?.claim.tokenLeaves ?? []).map(({ token, cumulativeEarnings }) => ({
      account,
      token,
      cumulative: cumulativeEarnings,
    })),
  )
  const { earnerLeaf, tokenIndices, tokenTreeProofs, tokenLeaves } = earnerClaim(tree, account)
  expect({ earnerLeaf, tokenIndices, tokenTreeProofs, tokenLeaves }).toEqual({
    earnerLeaf: published?.claim.earnerLeaf,
    tokenIndices: published?.claim.tokenIndices,
    tokenTreeProofs: published?.claim.tokenTreeProofs,
    tokenLeaves: published?.claim.tokenLeaves,
  })
})

test("three accounts have the leaves that Uniswap's merkle-distributor expects in its tests", () => {
  const rows = indexAmounts([
    { account: '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266', amount: 200n },
    { account: '0x70997970c51812dc3a010c7d01b50e0d17dc79c8', amount: 300n },
    { account: '0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc', amount: 250n },
  ])
  const leaves = [
    '0xf3c5acb53398e1d11dcaa74e37acc33d228f5da944fbdea9a918684074a21cdb',
    '0x0782528e118c4350a2465fbeabec5e72fff06991a29f21c08d37a0d275e38ddd',
    '0xc86fd316fa3e7b83c2665b5ccb63771e78abcc0429e0105c91dde37cb9b857a4',
  ]
  const { root, proofs } = buildIndexedTree(rows)
  expect(root).toBe('0xfa438d67adba59048c48cd14c4cd5ff18d99a4e4e2729b3cf81b51c46223bd22')
  expect(rows.map(indexedLeaf)).toEqual(leaves)
  expect(proofs.get(0n)).toEqual([
    '0x0c9bcaca2a1013557ef7f348b514ab8a8cd6c7051b69e46b1681a2aff22f4a88',
  ])
  expect(proofs.get(1n)).toEqual([leaves[2], leaves[0]])
  expect(proofs.get(2n)).toEqual([leaves[1], leaves[0]])
})

test("a single claim is the root of the example in Uniswap's merkle-distributor", () => {
  const account = '0x5c69bee701ef814a2b6a3edd4b1652cb9cc5aa6f'
  const { root, proofs } = buildIndexedTree([{ index: 0n, account, amount: 100n }])
  expect(root).toBe('0xdefa96435aec82d201dbd2e5f050fb4e1fef5edac90ce1e03953f916a5e1132d')
  expect(proofs.get(0n)).toEqual([])
})

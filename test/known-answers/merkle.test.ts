import {
  type AbiValue,
  abiEncodePacked,
  buildMerkleTree,
  buildUnsortedMerkleTree,
  foldMerkleProof,
  keccak256,
  merkleMultiProof,
  merkleProof,
  standardLeaf,
  verifyMerkleProof,
  verifyMultiProof,
} from '@foggara/gpu-analytics'
import { parseBytes32 } from '@foggara/schema'
import { expect, test } from 'vitest'

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

import type { EarnerClaim } from '@foggara/gpu-analytics'
import type { Hex } from '@foggara/schema'

/**
 * Claims of EigenLayer's own tests of its RewardsCoordinator, with the roots that they hold against:
 * Layr-Labs/eigenlayer-contracts, `rewardsCoordinator` in its test data.
 */
export const EIGENLAYER_CLAIMS: readonly { readonly root: Hex; readonly claim: EarnerClaim }[] = [
  {
    // Root1: six tokens of the fourth earner.
    root: '0xc5d6bb1073f9040366851b5971493165893558f1cdc0b0046b6703baa85cddfc',
    claim: {
      earnerIndex: 3,
      earnerTreeProof:
        '0x04da796e892869089dfdaae7269c8eb12548f6aa3774a747322b65c42d1ca0050d38d6d5e7e9e65ba24c275fcc0f0c377d8fb6ed089770d849c39a1829d1edf27e78a529aa8f867a3777f97541a23fb1844d6ae24c3b8ca1cc981510e5d08bda',
      earnerLeaf: {
        earner: '0xf2288d736d27c1584ebf7be5f52f9e4d47251aee',
        earnerTokenRoot: '0xa81e82a39e6da197c3c83b8b1343eb7e8a969db52d4bfc424fd04d60350d76e3',
      },
      tokenIndices: [0, 1, 2, 3, 4, 5],
      tokenTreeProofs: [
        '0x6166682a9a29283a51a1c1575de82334227cc45b1ce686973039a44eb9a6b008e3e64bd80597510ac0b737fc645f15801cc3835b279412e1a09ba66d50c2aa82e3f64b05b0f9ee23e853d9c134984c27b5b58d14b70c4dacea9a5e40600e17a3',
        '0x167f18d55815451f979244946b7eb2ce019c323a9e02fba1b2e05e19a27b91b5e3e64bd80597510ac0b737fc645f15801cc3835b279412e1a09ba66d50c2aa82e3f64b05b0f9ee23e853d9c134984c27b5b58d14b70c4dacea9a5e40600e17a3',
        '0x2faa07574e263370227b938c72ca18ae40edf215067ce325ebfc36f11b1f19484923b477146618e0f36993536e7bbec8ef5346613df2fb9d53caf8d9365b4c68e3f64b05b0f9ee23e853d9c134984c27b5b58d14b70c4dacea9a5e40600e17a3',
        '0x4dccc729db7b3ad40fc9acfe257d45196427285382332a4bc6704e1ae42785474923b477146618e0f36993536e7bbec8ef5346613df2fb9d53caf8d9365b4c68e3f64b05b0f9ee23e853d9c134984c27b5b58d14b70c4dacea9a5e40600e17a3',
        '0x1e9348730aee854752d72b32f4eed96ad80093807b53f3a07068536ce96d0e9aad3228b676f7d3cd4284a5443f17f1962b36e491b30a40b2405849e597ba5fb51ab784a49394ced1b194ec2cac2163a6a5a0108e31a2510f82162f3d41b79962',
        '0x7a570fedf4656f3240f44fb4771c946ea688c554f82e204778b792013b29ded3ad3228b676f7d3cd4284a5443f17f1962b36e491b30a40b2405849e597ba5fb51ab784a49394ced1b194ec2cac2163a6a5a0108e31a2510f82162f3d41b79962',
      ],
      tokenLeaves: [
        {
          token: '0x1006dd1b8c3d0ef53489bed27577c75299f71473',
          cumulativeEarnings: 1_000_000_000_000_000_000n,
        },
        {
          token: '0x11a4b85eab283c98d27c8ae64469224d55ed1894',
          cumulativeEarnings: 400_000_000_000_000_000n,
        },
        {
          token: '0x43afffbe0afacdabe9ce7dbc4f07407a2b788a84',
          cumulativeEarnings: 30_000_000_000_000_000_000n,
        },
        {
          token: '0x748a3ed7e6b04239150d7ebe12d7aef3e3994a23',
          cumulativeEarnings: 250_000_000_000n,
        },
        {
          token: '0xd275b23e0a5b68ae251b0dc4c81104cba36e7cd6',
          cumulativeEarnings: 884_300_000_000_000_000n,
        },
        {
          token: '0xec562acb9e470de27dca2495950660fa9fbd85f8',
          cumulativeEarnings: 42_000_000_000_000n,
        },
      ],
    },
  },
  {
    // MaxEarnerAndLeafIndices: the last of eight earners, the last of eight tokens.
    root: '0x37550707c80f3d8907c467999730e52127ab89be3f17a5017a3f1ffb73a1445f',
    claim: {
      earnerIndex: 7,
      earnerTreeProof:
        '0x4bf5e16eaabbc36964f1e1639808669420f55d60e51adb7e9695b77145c479fd6777be59643947bb24d78e69d6605bf369c515b479f3a8967dd68a97c5bb4a4a262b28002eeb6cbbffb7e79e5741bf2be189a6073440a62fabcd8af4dbda94e3',
      earnerLeaf: {
        earner: '0x25a1b7322f9796b26a4bec125913b34c292b28d6',
        earnerTokenRoot: '0xf8e7e20b32aae1d818dcb593b98982841e9a0ed12c161ad603e3ee3948746cba',
      },
      tokenIndices: [7],
      tokenTreeProofs: [
        '0x3cd04e8fc6f23812c570fe12292a30bb9e105e00f5913ac4b4938f23e65d8d10e6b1403d58c9d5450952e7d96c81305dad9fb966e8a27d3a42058e3958a0d30033148e91b455542d05deb81b8305b672e742cd3145f7022a0089bad2e6af9173',
      ],
      tokenLeaves: [
        {
          token: '0x7fbfdd1dfd80730385aee232cc9f79b8ae12a654',
          cumulativeEarnings: 3_000_000_000_000_000_000n,
        },
      ],
    },
  },
  {
    // SingleEarnerLeaf: three tokens of the only earner.
    root: '0xd4aa4d1bdb95eb78f061238d587609407301a05bd952334ad6b5e8ca60bb347e',
    claim: {
      earnerIndex: 0,
      earnerTreeProof: '0x',
      earnerLeaf: {
        earner: '0x0d6ba28b9919cfcdb6b233469cc5ce30b979e08e',
        earnerTokenRoot: '0x12104ce9deb6e62ef479656476be1da6d71905234252cf9a5c9733e6cb115d77',
      },
      tokenIndices: [0, 2, 3],
      tokenTreeProofs: [
        '0xf027f6a1f6522a5ede64f16448001378272bcc3b4d9b2660f241ea87d4cafc880d5fa8201813790dcfddb37966811813117ab78db2cce941c8b1d1f3888cccca6271c73f26f5e492cc990b25f85410beaf6f04958410162dc16eb5e3ce4791ce',
        '0x9ae7a20b0f244cb25a1c18339432139587ecc0058130e9ebb10a98049981395d5bef23d3c6b22f7b1265e30a68e83b675394ea57b7fa150f5ecc07bae7e3b88d6271c73f26f5e492cc990b25f85410beaf6f04958410162dc16eb5e3ce4791ce',
        '0x31335a07ff9047e08d712967b2ef1720f8682cb696d9df15902602b0c5eebdde5bef23d3c6b22f7b1265e30a68e83b675394ea57b7fa150f5ecc07bae7e3b88d6271c73f26f5e492cc990b25f85410beaf6f04958410162dc16eb5e3ce4791ce',
      ],
      tokenLeaves: [
        {
          token: '0x1006dd1b8c3d0ef53489bed27577c75299f71473',
          cumulativeEarnings: 1_000_000_000_000_000_000n,
        },
        {
          token: '0x43afffbe0afacdabe9ce7dbc4f07407a2b788a84',
          cumulativeEarnings: 3_000_000_000_000_000_000n,
        },
        {
          token: '0x748a3ed7e6b04239150d7ebe12d7aef3e3994a23',
          cumulativeEarnings: 1_000_000_000_000_000_000n,
        },
      ],
    },
  },
  {
    // Preprod: the only token of the second earner.
    root: '0x5e3227269ddcd5ddc7bc76ef42243a16166e86f9adab6183ee49b9875f2c7002',
    claim: {
      earnerIndex: 1,
      earnerTreeProof:
        '0x468cfb9f23175803c35daccc788454e82e192aa69bd770b26861dbe1fb42336d44b3fc6ad9da7ba33382006677e1808659ccd50c35705233f0fedca7b34c0e07d8894c83317a23b1f54108d86045843d34a127d92fb262452a636d0d40b577e1',
      earnerLeaf: {
        earner: '0x2222aac0c980cc029624b7ff55b88bc6f63c538f',
        earnerTokenRoot: '0x987aa019b1caf3fb0eaf02ebc1b8ce46840aee48d94ee21a2753045805ae38a8',
      },
      tokenIndices: [0],
      tokenTreeProofs: ['0x'],
      tokenLeaves: [
        {
          token: '0x94373a4919b3240d86ea41593d5eba789fef3848',
          cumulativeEarnings: 1_003_827_094_673_442_500n,
        },
      ],
    },
  },
]

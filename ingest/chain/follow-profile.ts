/** When a chain's blocks are final. */
export type Finality =
  /** When the node says so; `depth` behind the newest where it does not know. */
  | { readonly type: 'tag'; readonly depth: number }
  /** So many blocks behind the newest. */
  | { readonly type: 'depth'; readonly depth: number }
  /** At once; `guard` blocks are left out because nodes of one provider lag behind each other. */
  | { readonly type: 'instant'; readonly guard: number }

/** What Ethereum's headers keep to: their hash is that of their fields, their bloom holds every log. */
export type HeaderRule = 'header-hash' | 'logs-bloom'

/** What a chain is known for. */
export type ChainProfile = {
  readonly name: string
  readonly finality: Finality
  /** Rules that the chain does not keep: what breaks them is counted and reported, never refused. */
  readonly observeOnly: readonly HeaderRule[]
  /** Whether its headers are known to hash; otherwise that counts from the first one that does. */
  readonly headersHash: boolean
  /** It begins again with another first block: its id says which chain it is, and nothing else does. */
  readonly isMadeAnew?: boolean
}

/** Blocks behind the newest that count as final when the node does not say. */
const DEPTH = 64
const ETHEREUM = {
  finality: { type: 'tag', depth: DEPTH },
  observeOnly: [],
  headersHash: true,
} as const satisfies Omit<ChainProfile, 'name'>

/** Two nodes of one provider are seldom further apart. */
const INSTANT: Finality = { type: 'instant', guard: 2 }

/** Story's blocks come from a fork of geth that CometBFT drives: final when there, headers as Ethereum's. */
const STORY = { finality: INSTANT, observeOnly: [], headersHash: false } as const

/**
 * Sahara is of the Ethermint family: CometBFT ends a block at once, the hash that JSON-RPC shows is that
 * of the consensus header, and the bloom filter may hold what no receipt does or lack what one does.
 */
const ETHERMINT = {
  finality: INSTANT,
  observeOnly: ['header-hash', 'logs-bloom'],
  headersHash: false,
} as const satisfies Omit<ChainProfile, 'name'>

const PROFILES: Readonly<Record<number, ChainProfile>> = {
  1: { name: 'Ethereum', ...ETHEREUM },
  11_155_111: { name: 'Sepolia', ...ETHEREUM },
  17_000: { name: 'Holesky', ...ETHEREUM },
  560_048: { name: 'Hoodi', ...ETHEREUM },
  1_514: { name: 'Story', ...STORY },
  1_315: { name: 'Story Aeneid', ...STORY },
  313_313: { name: 'Sahara', ...ETHERMINT },
  /** Anvil finalises by Ethereum's tag; its headers hash to what they say. */
  31_337: { name: 'development chain', ...ETHEREUM, isMadeAnew: true },
}

/** What a chain is known for; of others nothing is taken for granted that can be seen. */
export function profileOf(chainId: number): ChainProfile {
  return PROFILES[chainId] ?? { ...ETHEREUM, name: `chain ${chainId}`, headersHash: false }
}

/** The newest final block, from what a node says is its newest and its finalized one. */
export function finalBlock(
  finality: Finality,
  latestBlock: number,
  taggedBlock: number | undefined,
): number {
  switch (finality.type) {
    case 'tag':
      return taggedBlock ?? latestBlock - finality.depth
    case 'depth':
      return latestBlock - finality.depth
    case 'instant':
      return latestBlock - finality.guard
  }
}

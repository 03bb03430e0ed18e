/** When a chain's blocks are final. */
export type Finality =
  /** When the node says so; `depth` behind the newest where it does not know. */
  | { readonly type: 'tag'; readonly depth: number }
  /** So many blocks behind the newest. */
  | { readonly type: 'depth'; readonly depth: number }
  /** At once; `guard` blocks are left out because nodes of one provider lag behind each other. */
  | { readonly type: 'instant'; readonly guard: number }

/** Blocks behind the newest that count as final when the node does not say. */
const DEPTH = 64

/**
 * Chains whose finality differs from Ethereum's. Story and Sahara end a block with CometBFT: it is
 * final when it is there.
 */
const INSTANT_CHAINS: readonly number[] = [1_514, 1_315, 313_313]

/** How blocks of a chain become final. */
export function finalityOf(chainId: number): Finality {
  if (INSTANT_CHAINS.includes(chainId)) return { type: 'instant', guard: 2 }
  return { type: 'tag', depth: DEPTH }
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

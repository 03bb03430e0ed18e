/** Blocks from one to another, both included. */
export type BlockSpan = { readonly firstBlock: number; readonly lastBlock: number }

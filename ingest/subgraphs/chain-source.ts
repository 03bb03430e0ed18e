/** A transaction as handlers see it; amounts in wei, the price the one that was paid. */
export type ChainTransaction = {
  readonly hash: Uint8Array
  readonly index: number
  readonly from: Uint8Array
  /** Undefined where the transaction created a contract. */
  readonly to: Uint8Array | undefined
  readonly value: bigint
  readonly gasLimit: bigint
  readonly gasPrice: bigint
  readonly input: Uint8Array
  readonly nonce: bigint
}

/** A log of a block. */
export type ChainLog = {
  readonly address: Uint8Array
  readonly topics: readonly Uint8Array[]
  readonly data: Uint8Array
  /** Within the block. */
  readonly logIndex: number
  readonly transactionIndex: number
}

/** A receipt as handlers see it. */
export type ChainReceipt = {
  readonly transactionHash: Uint8Array
  readonly transactionIndex: number
  readonly cumulativeGasUsed: bigint
  readonly gasUsed: bigint
  readonly contractAddress: Uint8Array | undefined
  readonly logs: readonly ChainLog[]
  readonly status: bigint | undefined
  readonly root: Uint8Array | undefined
  readonly logsBloom: Uint8Array
}

/** A block with everything that a trigger can match; times in seconds. */
export type ChainBlock = {
  readonly number: number
  readonly hash: Uint8Array
  readonly parentHash: Uint8Array
  readonly unclesHash: Uint8Array
  readonly author: Uint8Array
  readonly stateRoot: Uint8Array
  readonly transactionsRoot: Uint8Array
  readonly receiptsRoot: Uint8Array
  readonly gasUsed: bigint
  readonly gasLimit: bigint
  readonly timestamp: bigint
  readonly difficulty: bigint
  readonly totalDifficulty: bigint
  readonly size: bigint | undefined
  readonly baseFeePerGas: bigint | undefined
  /** By their index in the block. */
  readonly transactions: ReadonlyMap<number, ChainTransaction>
  /** In the order of their index; logs that no source can match may be left out. */
  readonly logs: readonly ChainLog[]
}

/** A read of a contract at a block. */
export type ChainCall = {
  readonly to: Uint8Array
  readonly data: Uint8Array
}

/** What a chain answers during a block. */
export type ChainSource = {
  /**
   * The bytes that the call returns at the block; undefined where it reverts.
   *
   * @throws any other answer counts as a possible reorganisation.
   */
  call(call: ChainCall, block: ChainBlock): Promise<Uint8Array | undefined>
  balance(address: Uint8Array, block: ChainBlock): Promise<bigint>
  hasCode(address: Uint8Array, block: ChainBlock): Promise<boolean>
  /** The receipts of the block's transactions by index; asked where a handler needs one. */
  receipts(block: ChainBlock): Promise<ReadonlyMap<number, ChainReceipt>>
}

import type { ChainBlock, ChainCall, ChainSource } from '../chain-source.ts'
import { bytesText } from '../entity-cache/entity.ts'

/** What a contract answered: the bytes, or undefined where the call reverted. */
export type CallAnswer = { readonly call: ChainCall; readonly value: Uint8Array | undefined }

/** Where answers are kept. They belong to a block's hash and never grow stale. */
export type CallStore = {
  /** Everything that is known of the block. */
  read(block: ChainBlock): Promise<readonly CallAnswer[]>
  /** Keeps an answer, at once or a little later; one that is lost is asked for again. */
  keep(block: ChainBlock, answer: CallAnswer): void
}

/** So many blocks stay in memory: subgraphs that run side by side ask the same of one block. */
const BLOCK_COUNT_MAX = 64

/** The chain, whose contracts are asked once per block and call, over restarts and over subgraphs. */
export function cacheCalls(chain: ChainSource, store: CallStore): ChainSource {
  const blocks = new Map<string, Promise<Answers>>()
  const answersOf = (block: ChainBlock) => {
    const hash = bytesText(block.hash)
    const known = blocks.get(hash) ?? readAnswers(store, block)
    // The newest stands last, and the oldest goes first.
    blocks.delete(hash)
    blocks.set(hash, known)
    for (const oldest of blocks.keys()) {
      if (blocks.size <= BLOCK_COUNT_MAX) break
      blocks.delete(oldest)
    }
    return known
  }
  return {
    ...chain,
    call: async (call, block) => {
      const answers = await answersOf(block)
      const key = keyOf(call)
      const known = answers.get(key)
      if (known !== undefined) return known
      const asked = chain.call(call, block)
      answers.set(key, asked)
      try {
        const value = await asked
        store.keep(block, { call, value })
        return value
      } catch (error) {
        answers.delete(key)
        throw error
      }
    },
  }
}

type Answers = Map<string, Promise<Uint8Array | undefined>>

/** Answers that cannot be read are no reason to stop: the chain has them. */
async function readAnswers(store: CallStore, block: ChainBlock): Promise<Answers> {
  const known = await store.read(block).catch(() => [])
  return new Map(known.map(({ call, value }) => [keyOf(call), Promise.resolve(value)]))
}

function keyOf({ to, data }: ChainCall): string {
  return `${bytesText(to)}${bytesText(data)}`
}

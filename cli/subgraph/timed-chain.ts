import type { RpcChain } from '@foggara/ingest'

/** A chain, and how long its answers were waited for. */
export type TimedChain = {
  readonly chain: RpcChain
  waitedMs(): number
}

/** Measures the time during which at least one answer about a block's contracts was awaited. */
export function timeChain(chain: RpcChain, nowMs: () => number): TimedChain {
  let waitedMs = 0
  let openCount = 0
  let startMs = 0
  const timed = async <Answer>(answer: Promise<Answer>): Promise<Answer> => {
    if (openCount === 0) startMs = nowMs()
    openCount += 1
    try {
      return await answer
    } finally {
      openCount -= 1
      if (openCount === 0) waitedMs += nowMs() - startMs
    }
  }
  return {
    chain: {
      readBlock: (number) => chain.readBlock(number),
      call: (call, block) => timed(chain.call(call, block)),
      balance: (address, block) => timed(chain.balance(address, block)),
      hasCode: (address, block) => timed(chain.hasCode(address, block)),
      receipts: (block) => timed(chain.receipts(block)),
    },
    waitedMs: () => waitedMs,
  }
}

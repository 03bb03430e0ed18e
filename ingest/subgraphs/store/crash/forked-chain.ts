import { openRandom } from '../../../simulation/random.ts'
import type { ChainBlock, ChainLog } from '../../chain-source.ts'
import { address, sampleBlock, sampleLog } from '../../testing/sample-chain.ts'

const ACCOUNT_COUNT = 12

/** What a chain looks like at a moment: of several such moments, each has a longer chain. */
export type ChainMoment = {
  readonly blocks: readonly ChainBlock[]
  /** How many of the newest blocks of the moment before are on another fork; 0 for none. */
  readonly replacedCount: number
}

/** The moments of a chain that grows, and whose newest blocks are replaced at some of them. */
export function forkedChain(seed: number, momentCount: number): readonly ChainMoment[] {
  const random = openRandom(seed)
  const moments: ChainMoment[] = []
  let blocks: readonly ChainBlock[] = []
  for (let moment = 0; moment < momentCount; moment += 1) {
    const replacedCount = moment % 2 === 1 ? 1 + random.below(12) : 0
    const kept = blocks.slice(0, Math.max(1, blocks.length - replacedCount))
    const fresh = Array.from({ length: replacedCount + 10 + random.below(30) }, (_, index) => {
      const number = kept.length + index + 1
      return sampleBlock(number, logsOf(random), `fork ${moment}`)
    })
    blocks = [...kept, ...fresh]
    moments.push({ blocks, replacedCount })
  }
  return moments
}

/** Moves of tokens, children that are created and poked, and entities that are set to null. */
function logsOf(random: ReturnType<typeof openRandom>): readonly ChainLog[] {
  const account = () => address(1 + random.below(ACCOUNT_COUNT))
  const moves = Array.from({ length: random.below(5) }, () =>
    sampleLog('Transfer', [account(), account(), BigInt(random.below(9))]),
  )
  const child = address(0xc0 + random.below(6))
  return [
    ...moves,
    ...(random.oneIn(5) ? [sampleLog('Created', [child])] : []),
    ...(random.oneIn(3) ? [sampleLog('Poked', [account()])] : []),
    ...(random.oneIn(3) ? [sampleLog('Poked', [account()], child)] : []),
  ]
}

import { buildGraph, rank } from '@foggara/gpu-analytics'
import { expect, test } from 'vitest'

import { publishedText, skipReason } from './published.ts'

const FILE = 'sourcecred/badger.credGraph.anon.json'

type Edge = readonly [source: number, target: number, probability: number]

type CredGraph = {
  readonly parameters: {
    readonly beta: number
    readonly gammaBackward: number
    readonly gammaForward: number
  }
  readonly epochStarts: readonly number[]
  readonly nodeCount: number
  readonly participantCount: number
  readonly nodeMints: readonly number[]
  readonly edges: readonly Edge[]
  /** From the seed node: which node, with which probability. */
  readonly indexedMints: readonly (readonly [number, number])[]
  readonly expectedScores: readonly number[]
}

/**
 * CredRank is a Markov chain whose seed node receives what every other node radiates and hands it to
 * the minting nodes. That is `rank` without the seed: pass-through is the probability of not
 * radiating, and the teleport vector is the mint. Scores are scaled so that the epochs' accumulators
 * together have the total mint.
 */
test.skipIf(skipReason(FILE) !== '')(
  `SourceCred's CredRank of Badger comes out to 1e-5${skipReason(FILE)}`,
  async () => {
    const cred = JSON.parse(publishedText(FILE)) as CredGraph
    const seed = cred.nodeCount
    const edges = [...cred.edges, ...epochEdges(cred)]
    const idOf = (node: number) => `${node}`
    const nodes = [...cred.expectedScores.keys()].filter((node) => node !== seed)
    const graph = buildGraph(
      edges.map(([from, to, probability]) => ({
        from: idOf(from),
        to: idOf(to),
        weight: BigInt(Math.round(probability * 2 ** 50)),
      })),
      { selfLoops: 'keep', extraNodes: nodes.map(idOf) },
    )
    const passed = new Map<string, number>()
    for (const [from, , probability] of edges) {
      passed.set(idOf(from), (passed.get(idOf(from)) ?? 0) + probability)
    }
    const { scoreById } = await rank(graph, {
      weights: 'weighted',
      passThroughQ32: new Map(
        [...passed].map(([id, probability]) => [id, Math.round(probability * 2 ** 32)]),
      ),
      teleport: new Map(
        cred.indexedMints.map(([node, share]) => [idOf(node), BigInt(Math.round(share * 2 ** 50))]),
      ),
      start: 'uniform',
      stop: { type: 'delta', deltaMax: 1n << 16n, iterationCountMax: 2000 },
    })

    const scoreOf = (node: number) => Number(scoreById.get(idOf(node)))
    const accumulated = cred.epochStarts.reduce(
      (total, _, epoch) => total + scoreOf(accumulatorOf(cred, epoch)),
      0,
    )
    const minted = cred.nodeMints.reduce((total, mint) => total + mint, 0)
    for (const node of nodes) {
      const published = cred.expectedScores[node] ?? Number.NaN
      const distance = Math.abs((scoreOf(node) / accumulated) * minted - published)
      expect(distance / Math.max(published, 1), `node ${node}`).toBeLessThan(1e-5)
    }
  },
)

function accumulatorOf(cred: CredGraph, epoch: number): number {
  return cred.nodeCount + 1 + epoch * (cred.participantCount + 1)
}

/** Participants per epoch: payout to the accumulator, and webbing to the next and former epoch. */
function epochEdges(cred: CredGraph): Edge[] {
  const { beta, gammaBackward, gammaForward } = cred.parameters
  const last = cred.epochStarts.length - 1
  return cred.epochStarts.flatMap((_, epoch) =>
    Array.from({ length: cred.participantCount }, (__, participant): Edge[] => {
      const accumulator = accumulatorOf(cred, epoch)
      const node = accumulator + 1 + participant
      const next = node + cred.participantCount + 1
      return [
        [node, accumulator, beta],
        ...(epoch === 0 ? [[node, node, gammaBackward] as const] : []),
        ...(epoch === last
          ? [[node, node, gammaForward] as const]
          : [[node, next, gammaForward] as const, [next, node, gammaBackward] as const]),
      ]
    }).flat(),
  )
}

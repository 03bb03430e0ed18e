import {
  type RankEngine,
  allocationLeaf,
  createWasmEngine,
  createWebGpuEngine,
  decodeGraph,
  foldMerkleProof,
  openPageGpu,
  rankDigest,
  referenceEngine,
  verifyEpoch,
} from '@foggara/gpu-analytics/browser'

import { BundleMalformedError, parseBundle } from './bundle.ts'
import type { RankEngineChoice, VerifyReply, VerifyRequest } from './messages.ts'

type Published = Parameters<typeof verifyEpoch>[0]
type Hex = Published['manifestHash']

self.addEventListener('message', (event: MessageEvent<VerifyRequest>) => {
  void answer(event.data)
})

async function answer(request: VerifyRequest): Promise<void> {
  try {
    switch (request.type) {
      case 'proof':
        checkProof(request)
        break
      case 'rank':
        await computeRanks(request)
        break
      case 'epoch':
        await recompute(request)
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const hasCode = error instanceof Error && 'code' in error && typeof error.code === 'string'
    reply({ type: 'failed', code: hasCode ? String(error.code) : 'RECOMPUTE_FAILED', message })
  }
}

async function recompute(request: Extract<VerifyRequest, { type: 'epoch' }>): Promise<void> {
  reply({ type: 'progress', step: 'Downloading what the epoch was computed from' })
  const response = await fetch(`/epochs/${request.epoch}/bundle.ndjson`)
  if (!response.ok) {
    throw new BundleMalformedError(`expected the epoch's download, found status ${response.status}`)
  }
  const bundle = parseBundle(await response.text())
  const { engine, name } = await bestEngine()
  reply({ type: 'progress', step: `Recomputing ${bundle.rowCount} rows on ${name}` })
  const startMs = performance.now()
  const outcome = await verifyEpoch(
    {
      manifest: JSON.parse(bundle.manifest) as Published['manifest'],
      manifestHash: request.manifestHash as Hex,
      rulesetJson: bundle.ruleset,
      lines: bundle.lines,
    },
    engine,
  )
  if (outcome.type === 'different') return reply(outcome)
  const { root, manifestHash, allocations } = outcome.result
  if (root !== request.root) {
    return reply({ type: 'different', field: 'root', published: request.root, recomputed: root })
  }
  reply({
    type: 'equal',
    engine: name,
    elapsedMs: performance.now() - startMs,
    rowCount: bundle.rowCount,
    accountCount: allocations.length,
    root,
    manifestHash,
  })
}

async function computeRanks(request: Extract<VerifyRequest, { type: 'rank' }>): Promise<void> {
  reply({ type: 'progress', step: 'Downloading the graph' })
  const response = await fetch(request.url)
  if (!response.ok) {
    throw new GraphMissingError(`expected the graph, found status ${response.status}`)
  }
  const problem = decodeGraph(new Uint8Array(await response.arrayBuffer()))
  const { engine, name } = await engineOf(request.engine)
  reply({
    type: 'progress',
    step: `Iterating over ${problem.graph.sources.length} edges on ${name}`,
  })
  const startMs = performance.now()
  const result = await engine.rank(problem)
  const elapsedMs = performance.now() - startMs
  const digest = rankDigest(result)
  reply({
    type: 'rank',
    digest,
    isEqual: digest === request.digest,
    engine: name,
    notes: result.execution.notes,
    elapsedMs,
  })
}

/** WebGPU is asked for by name here, so a software adapter is taken too; the notes say so. */
async function engineOf(choice: RankEngineChoice) {
  if (choice === 'wasm') return { engine: await createWasmEngine(), name: 'WebAssembly' }
  const gpu = await openPageGpu()
  return { engine: await createWebGpuEngine(gpu, { allowFallbackAdapter: true }), name: 'WebGPU' }
}

function checkProof(request: Extract<VerifyRequest, { type: 'proof' }>): void {
  const { account, token, cumulative, proof, root } = request
  const leaf = allocationLeaf(account as Hex, token as Hex, BigInt(cumulative))
  const folded = foldMerkleProof(leaf, proof as readonly Hex[])
  reply({ type: 'proof', leaf, folded, isEqual: folded === root })
}

/** WebAssembly where the browser allows it; else the plain reference, slower and with the same bits. */
async function bestEngine(): Promise<{ readonly engine: RankEngine; readonly name: string }> {
  try {
    return { engine: await createWasmEngine(), name: 'WebAssembly' }
  } catch {
    return { engine: referenceEngine, name: 'the plain reference engine' }
  }
}

function reply(message: VerifyReply): void {
  self.postMessage(message, { transfer: [] })
}

/** There is no graph at the address that the server named. */
class GraphMissingError extends Error {
  readonly code = 'GRAPH_MISSING'
}

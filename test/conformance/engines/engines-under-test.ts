import { type RankEngine, createWasmEngine, referenceEngine } from '@foggara/gpu-analytics'

/** A way to run an engine that the matrix has a column for. */
export type EngineUnderTest = {
  readonly name: string
  readonly open: () => Promise<RankEngine & Partial<AsyncDisposable>>
  /** Why a cell is left out; undefined when it is run. */
  readonly skip?: (size: 'small' | 'medium' | 'large') => string | undefined
}

export const ENGINES_UNDER_TEST: readonly EngineUnderTest[] = [
  { name: 'reference', open: async () => referenceEngine },
  { name: 'wasm, 1 thread', open: createWasmEngine },
]

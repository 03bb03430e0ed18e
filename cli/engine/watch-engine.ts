import type { Execution, RankEngine } from '@foggara/gpu-analytics'

/** An engine, and what it has said so far about how it worked. */
export type WatchedEngine = {
  readonly engine: RankEngine
  readonly executions: readonly Execution[]
}

/** Keeps what an engine says about how it worked, for which an epoch's result has no place. */
export function watchEngine(engine: RankEngine): WatchedEngine {
  const executions: Execution[] = []
  const keep = <Result extends { readonly execution: Execution }>(result: Result): Result => {
    executions.push(result.execution)
    return result
  }
  return {
    executions,
    engine: {
      name: engine.name,
      rank: async (problem, options) => keep(await engine.rank(problem, options)),
      flow: async (problem, options) => keep(await engine.flow(problem, options)),
    },
  }
}

/** What was said, each sentence once. */
export function notesOf(executions: readonly Execution[]): readonly string[] {
  return [...new Set(executions.flatMap(({ notes }) => notes))]
}

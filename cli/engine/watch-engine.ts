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

/** What was said, each sentence once, whatever numbers it has. */
export function notesOf(executions: readonly Execution[]): readonly string[] {
  const notes = executions.flatMap((execution) => execution.notes)
  return notes.filter(
    (note, index) => notes.findIndex((other) => shapeOf(other) === shapeOf(note)) === index,
  )
}

/** A sentence without its numbers: what tells whether there is something new to say. */
export function shapeOf(sentence: string): string {
  return sentence.replaceAll(/\d+/g, '#')
}

/** Edges after which others may run: some tens of milliseconds of bigint arithmetic. */
const EDGES_BETWEEN_PAUSES = 100_000

/**
 * Runs step by step, and lets the event loop answer others now and then, so that a page stays alive
 * and an abort from outside is heard. `onStep` sees what each step did.
 */
export async function inTurns<Step, Result>(
  edgeCount: number,
  run: Generator<Step, Result>,
  onStep?: (step: Step) => void,
): Promise<Result> {
  let edgesSincePause = 0
  for (;;) {
    const next = run.next()
    if (next.done === true) return next.value
    onStep?.(next.value)
    edgesSincePause += 1000 + edgeCount
    if (edgesSincePause < EDGES_BETWEEN_PAUSES) continue
    edgesSincePause = 0
    await new Promise((resolve) => void setTimeout(resolve, 0))
  }
}

import { startScratchDatabase } from '@foggara/database'

import { type KillPoint, choosePoints, pointText } from './kill-point.ts'
import { type CalmRun, runCalmly, runPoint } from './run-point.ts'

/** How many points, of which seeds. */
export type MatrixRules = {
  readonly seeds: readonly number[]
  readonly pointsPerSeed: number
  /** Points that run at the same time, each lane with a database server of its own. */
  readonly lanes: number
  readonly onPoint: (point: KilledPoint, done: number, total: number) => void
}

/** A point that was run. */
export type KilledPoint = {
  readonly text: string
  readonly killedAt: readonly string[]
  readonly problems: readonly string[]
}

/** Runs points of seeds, each against the undisturbed run of its seed. */
export async function runMatrix(rules: MatrixRules): Promise<readonly KilledPoint[]> {
  const { seeds, pointsPerSeed, lanes } = rules
  const calm = new Map<number, CalmRun>()
  const points: KillPoint[] = []
  {
    await using server = await startScratchDatabase({ memoryMib: 1_000 })
    for (const seed of seeds) {
      const run = await runCalmly(server.database, seed)
      calm.set(seed, run)
      points.push(...choosePoints(seed, run.steps, pointsPerSeed))
    }
  }
  return runPoints(points, calm, lanes, rules.onPoint)
}

/** Runs one point again. */
export async function runOnePoint(point: KillPoint): Promise<KilledPoint | undefined> {
  await using server = await startScratchDatabase({ memoryMib: 1_000 })
  const calm = new Map([[point.seed, await runCalmly(server.database, point.seed)]])
  const [killed] = await runPoints([point], calm, 1, () => undefined)
  return killed
}

async function runPoints(
  points: readonly KillPoint[],
  calm: ReadonlyMap<number, CalmRun>,
  lanes: number,
  onPoint: MatrixRules['onPoint'],
): Promise<readonly KilledPoint[]> {
  const outcomes: KilledPoint[] = []
  const queue = points.values()
  const lane = async (): Promise<void> => {
    await using server = await startScratchDatabase({ memoryMib: 1_000 })
    for (const point of queue) {
      const text = pointText(point)
      const outcome = await killed(text, point)
      outcomes.push(outcome)
      onPoint(outcome, outcomes.length, points.length)
    }
    async function killed(text: string, point: KillPoint): Promise<KilledPoint> {
      const run = calm.get(point.seed)
      if (run === undefined) throw new Error(`seed ${point.seed} was not run undisturbed`)
      try {
        return { text, ...(await runPoint(server.database, point, run)) }
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        return { text, killedAt: [], problems: [message] }
      }
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return outcomes
}

import { parsePoint } from './kill-point.ts'
import { type KilledPoint, runMatrix, runOnePoint } from './matrix.ts'

const SEED_COUNT = 4
const POINTS_PER_SEED = 90
const LANES = 2
/** Points between two lines about the progress. */
const REPORT_EVERY = 10

/**
 * `npm run faults -- kills [points of each seed] [first seed]`, or `kills POINT` for one point again:
 * kills the index at steps of its commit log and says where. Returns the exit code.
 */
export async function reportKills(parameters: readonly string[]): Promise<number> {
  const point = parsePoint(parameters[0] ?? '')
  if (point !== undefined) {
    const outcome = await runOnePoint(point)
    console.log(outcome)
    return outcome?.problems.length === 0 ? 0 : 1
  }
  const [pointsPerSeed = POINTS_PER_SEED, first = 1] = parameters.map(Number)
  const startMs = Date.now()
  const outcomes = await runMatrix({
    seeds: Array.from({ length: SEED_COUNT }, (_, index) => first + index),
    pointsPerSeed,
    lanes: LANES,
    onPoint: ({ text, killedAt, problems }, done, total) => {
      for (const problem of problems) console.log(`${text} (${killedAt.join(', ')}): ${problem}`)
      if (done % REPORT_EVERY !== 0) return
      const perSecond = (1_000 * done) / (Date.now() - startMs)
      const leftS = Math.round((total - done) / perSecond)
      console.log(`${done} of ${total} kills, ${perSecond.toFixed(2)}/s, ${leftS} s left`)
    },
  })
  for (const line of summary(outcomes)) console.log(line)
  const broken = outcomes.filter(({ problems }) => problems.length > 0)
  console.log(
    `${outcomes.length} kills in ${Math.round((Date.now() - startMs) / 1_000)} s, ` +
      `${broken.length} with other rows than the undisturbed run` +
      broken.map(({ text }) => ` ${text}`).join(''),
  )
  return broken.length === 0 ? 0 : 1
}

/** How many were killed at each step, by phase. */
function summary(outcomes: readonly KilledPoint[]): readonly string[] {
  const names = ['history', 'reorg', 'growth']
  const steps = outcomes.flatMap(({ killedAt }) => killedAt)
  const counts = Map.groupBy(steps, (step) => step.replace(/^phase \d+: /u, ''))
  return [...counts]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([step, all]) => {
      const each = names.map((name, phase) => {
        const count = all.filter((where) => where.startsWith(`phase ${phase}:`)).length
        return `${count} in ${name}`
      })
      return `${step}: ${each.join(', ')}`
    })
}

import { invariant } from '@foggara/schema'

import type { KillMoment } from '../../../ingest/simulation/killing-client.ts'
import { type Random, openRandom } from '../../../ingest/simulation/random.ts'

/** Who is killed where in the run of a seed. */
export type KillPoint = {
  readonly seed: number
  readonly victim: 'ingest' | 'database' | 'both'
  /** The step, counted from 1 over all statements and requests of the run. */
  readonly at: number
  readonly moment: KillMoment
  /** The process that goes on is killed, too; its steps are counted from its start. */
  readonly again: Again | undefined
}

type Again = {
  readonly at: number
  readonly moment: KillMoment
  /** Rows of a commit are lost before it starts. */
  readonly isDamaged: boolean
}

/** Steps of taking over, with damage to mend, and of the first commit after it. */
const RECOVERY_STEPS = 24

/** `12:ingest:140:during`, with `:recovery:5:after` or `:damage:5:after` for a second kill. */
export function pointText({ seed, victim, at, moment, again }: KillPoint): string {
  const first = [seed, victim, at, moment].join(':')
  if (again === undefined) return first
  return [first, again.isDamaged ? 'damage' : 'recovery', again.at, again.moment].join(':')
}

/** The point of a text that {@link pointText} made; `undefined` for any other. */
export function parsePoint(text: string): KillPoint | undefined {
  const moment = '(before|during|after)'
  const pattern = `^(\\d+):(ingest|database|both):(\\d+):${moment}(?::(recovery|damage):(\\d+):${moment})?$`
  const match = new RegExp(pattern, 'u').exec(text)
  if (match === null) return undefined
  const [, seed, victim, at, when, second, againAt, againWhen] = match
  return {
    seed: Number(seed),
    victim: victim as KillPoint['victim'],
    at: Number(at),
    moment: when as KillMoment,
    again:
      second === undefined
        ? undefined
        : {
            at: Number(againAt),
            moment: againWhen as KillMoment,
            isDamaged: second === 'damage',
          },
  }
}

/**
 * Chooses points of a seed whose undisturbed run has these steps: first one for each kind of step and
 * moment, as far as there is room, then any. Of ten points two kill the run twice, one the database
 * and one both.
 */
export function choosePoints(
  seed: number,
  steps: readonly string[],
  count: number,
): readonly KillPoint[] {
  const random = openRandom(seed)
  const all = steps.flatMap((step, index) =>
    momentsOf(step).map((moment) => ({ kind: `${step} ${moment}`, at: index + 1, moment })),
  )
  const byKind = [...Map.groupBy(all, ({ kind }) => kind).values()]
  const ofEachKind = shuffled(byKind, random).map((places) => random.pick(places))
  const others = shuffled(
    all.filter((place) => !ofEachKind.includes(place)),
    random,
  )
  const chosen = [...ofEachKind, ...others].slice(0, count)
  invariant(chosen.length === count, `a run of ${steps.length} steps has ${count} points`)
  return chosen.map(({ at, moment }, index): KillPoint => {
    const turn = index % 10
    const again = (isDamaged: boolean): Again => ({
      at: 1 + random.below(RECOVERY_STEPS),
      moment: random.pick(['before', 'during', 'after']),
      isDamaged,
    })
    return {
      seed,
      victim: turn === 2 ? 'database' : turn === 5 ? 'both' : 'ingest',
      at,
      moment,
      again: turn === 3 || turn === 8 ? again(turn === 8) : undefined,
    }
  })
}

/** To be killed after a question is to be killed before the next step. */
function momentsOf(step: string): readonly KillMoment[] {
  return step === 'select' || step === 'ask the node' ? ['before'] : ['before', 'during', 'after']
}

function shuffled<Item>(items: readonly Item[], random: Random): readonly Item[] {
  const keyed = items.map((item) => ({ item, key: random.below(2 ** 30) }))
  return keyed.toSorted((a, b) => a.key - b.key).map(({ item }) => item)
}

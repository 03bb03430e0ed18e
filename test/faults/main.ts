import { startScratchIndex } from '../../ingest/scratch-index.ts'
import { reportKills } from './kills/report.ts'
import { type SeedOutcome, runSeed } from './run-seed.ts'

/**
 * `npm run faults [first seed] [seeds]`: indexes through lying, failing nodes and says what became of
 * each seed; ends with 1 if any stored something wrong without saying so. `npm run faults -- kills`
 * kills it instead.
 */
async function main(): Promise<number> {
  const parameters = process.argv.slice(2)
  if (parameters[0] === 'kills') return reportKills(parameters.slice(1))
  const [first = 1, count = 200] = parameters.map(Number)
  await using scratch = await startScratchIndex()
  const contracts = await scratch.open('contracts')
  const clients = { contracts, sources: await scratch.openEmpty('sources') }
  const outcomes: SeedOutcome[] = []
  const broken: number[] = []
  const startMs = Date.now()
  for (let seed = first; seed < first + count; seed += 1) {
    try {
      const outcome = await runSeed(seed, clients)
      outcomes.push(outcome)
      if (outcome.problems.length > 0) broken.push(seed)
      for (const problem of outcome.problems) console.log(`seed ${seed}: ${problem}`)
      const end = outcome.isComplete ? 'whole' : `stands still: ${outcome.codes.join(', ')}`
      console.log(
        `seed ${seed}: ${outcome.indexed}, ${end}; ${outcome.unprovenBlocks} of ${outcome.blocks} blocks unproven, ` +
          `${outcome.requests} requests, ${outcome.lies} lies found`,
      )
    } catch (error) {
      broken.push(seed)
      console.log(`seed ${seed}:`, error)
    }
  }
  const whole = outcomes.filter(({ isComplete }) => isComplete).length
  const sum = (of: (outcome: SeedOutcome) => number) =>
    outcomes.reduce((total, outcome) => total + of(outcome), 0)
  console.log(
    `${count} seeds in ${Math.round((Date.now() - startMs) / 1_000)} s: ${whole} indexed whole, ` +
      `${outcomes.length - whole} stand still with an error, ${broken.length} broken` +
      `${broken.length > 0 ? ` (${broken.join(', ')})` : ''}; ` +
      `${sum(({ requests }) => requests)} requests, ${sum(({ reorgs }) => reorgs)} reorgs, ` +
      `${sum(({ lies }) => lies)} lies found, ` +
      `${sum(({ unprovenBlocks }) => unprovenBlocks)} of ${sum(({ blocks }) => blocks)} blocks are listed as unproven`,
  )
  return broken.length === 0 ? 0 : 1
}

process.exitCode = await main()

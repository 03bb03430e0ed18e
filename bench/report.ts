import { cpus, totalmem } from 'node:os'

/** One way of doing the work that a bench compares; `run` returns something to keep it honest. */
export type Contender = { readonly name: string; readonly run: () => unknown }

/**
 * Times contenders in interleaved rounds of one process and prints a table with ratios to the first
 * one. Medians and ratios are what to read: absolute times depend on the machine and its neighbours.
 */
export async function compare(
  question: string,
  contenders: readonly Contender[],
  roundCount = 5,
): Promise<void> {
  const timesMs = new Map<string, number[]>(contenders.map(({ name }) => [name, []]))
  for (let round = 0; round <= roundCount; round++) {
    for (const { name, run } of contenders) {
      const startMs = performance.now()
      await run()
      if (round > 0) timesMs.get(name)?.push(performance.now() - startMs)
    }
  }
  console.log(`\n${question}`)
  console.log(
    `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, ` +
      `${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}; ` +
      `median of ${roundCount} interleaved rounds after one warm-up`,
  )
  const baseline = median(timesMs.get(contenders[0]?.name ?? '') ?? [])
  console.table(
    contenders.map(({ name }) => {
      const times = timesMs.get(name) ?? []
      return {
        contender: name,
        'median ms': median(times).toFixed(2),
        'min ms': Math.min(...times).toFixed(2),
        'times the baseline': (median(times) / baseline).toFixed(3),
      }
    }),
  )
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

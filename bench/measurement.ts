import { writeFileSync } from 'node:fs'

/** One number that a bench found, with what it is to be compared with. */
export type Measurement = {
  /** What was worked on: a graph with its size. */
  readonly subject: string
  readonly contender: string
  readonly quantity: string
  readonly value: number
  readonly unit: string
  /** The value of a baseline of the same run, and how many times it this one is. */
  readonly ratio?: { readonly to: string; readonly times: number }
}

/** What one bench found, under the question that it asks. */
export type Published = {
  readonly question: string
  readonly measurements: readonly Measurement[]
  /** The most memory that the bench's process had. */
  readonly peakMemoryMib: number
}

/** Shows measurements as a table and, with `--json FILE`, writes them for `npm run bench`. */
export function publish(question: string, measurements: readonly Measurement[]): void {
  console.log(`\n${question}`)
  console.table(
    measurements.map(({ subject, contender, quantity, value, unit, ratio }) => ({
      subject,
      contender,
      quantity,
      value: `${readable(value)} ${unit}`,
      ...(ratio === undefined ? {} : { ratio: `${ratio.times.toFixed(2)} × ${ratio.to}` }),
    })),
  )
  const place = process.argv.indexOf('--json')
  const file = process.argv[place + 1]
  if (place !== -1 && file !== undefined) {
    const peakMemoryMib = Math.round(process.resourceUsage().maxRSS / 1024)
    writeFileSync(file, JSON.stringify({ question, measurements, peakMemoryMib }))
  }
}

/** A number in four digits or so, thousands grouped. */
export function readable(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 1000) {
    return Math.round(value).toLocaleString('en')
  }
  return value.toPrecision(4)
}

/** The middle of an odd number of values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

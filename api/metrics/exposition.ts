import type { HistogramReading } from './histogram.ts'

/** Names and values that tell the samples of a family apart. */
export type MetricLabels = Readonly<Record<string, string>>

/** One measured value; `undefined` values are left out. */
export type MetricSample<Value> = { readonly labels?: MetricLabels; readonly value: Value }

/** What is measured under one name, with a sentence that names its unit. */
export type MetricFamily = { readonly name: string; readonly help: string } & (
  | {
      readonly type: 'counter' | 'gauge'
      readonly samples: readonly MetricSample<number | undefined>[]
    }
  | { readonly type: 'histogram'; readonly samples: readonly MetricSample<HistogramReading>[] }
)

/** Reads everything that is measured, now. */
export type MetricSource = () => Promise<readonly MetricFamily[]>

/** The media type of {@link expositionText}. */
export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** Families in the text format of Prometheus; those without a sample are left out. */
export function expositionText(families: readonly MetricFamily[]): string {
  return families.map(familyText).join('')
}

function familyText(family: MetricFamily): string {
  const { name, help, type } = family
  const lines =
    family.type === 'histogram'
      ? family.samples.flatMap(({ labels = {}, value }) => histogramLines(name, labels, value))
      : family.samples.flatMap(({ labels = {}, value }) =>
          value === undefined ? [] : [sampleLine(name, labels, value)],
        )
  if (lines.length === 0) return ''
  const text = help.replaceAll('\\', String.raw`\\`).replaceAll('\n', String.raw`\n`)
  return `# HELP ${name} ${text}\n# TYPE ${name} ${type}\n${lines.join('\n')}\n`
}

function histogramLines(
  name: string,
  labels: MetricLabels,
  { bounds, counts, sum }: HistogramReading,
): readonly string[] {
  let total = 0
  const buckets = [...bounds, Number.POSITIVE_INFINITY].map((bound, index) => {
    total += counts[index] ?? 0
    return sampleLine(`${name}_bucket`, { ...labels, le: numberText(bound) }, total)
  })
  return [
    ...buckets,
    sampleLine(`${name}_sum`, labels, sum),
    sampleLine(`${name}_count`, labels, total),
  ]
}

function sampleLine(name: string, labels: MetricLabels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`)
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${numberText(value)}`
}

function escaped(text: string): string {
  return text
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`)
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value)
}

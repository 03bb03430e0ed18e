/** A sample of an exposition, with the name that it was written under. */
export type ParsedSample = {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** A family of an exposition. */
export type ParsedFamily = {
  readonly name: string
  readonly help: string
  readonly type: string
  readonly samples: ParsedSample[]
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/
const SUFFIXES = ['_bucket', '_sum', '_count']

/**
 * Reads the text format of Prometheus, version 0.0.4, and holds it to its rules and to the
 * conventions for names: one HELP and one TYPE before the samples of a family and all of them
 * together, no sample twice, counters that end in `_total`, base units, buckets that add up.
 */
export function parseExposition(text: string): readonly ParsedFamily[] {
  if (!text.endsWith('\n')) throw new Error('expected a newline at the end')
  const families = new Map<string, ParsedFamily>()
  let help: { readonly name: string; readonly text: string } | undefined
  let current: ParsedFamily | undefined
  for (const line of text.slice(0, -1).split('\n')) {
    const about = new RegExp(`^# (HELP|TYPE) (${NAME}) ([^\\n]+)$`).exec(line)
    const [, kind, name = '', rest = ''] = about ?? []
    if (kind === 'HELP') help = { name, text: rest }
    else if (kind === 'TYPE') {
      if (help?.name !== name) throw new Error(`expected HELP before: ${line}`)
      if (families.has(name)) throw new Error(`found ${name} twice`)
      if (!/^(counter|gauge|histogram)$/.test(rest)) throw new Error(`unknown type: ${line}`)
      current = { name, help: help.text, type: rest, samples: [] }
      families.set(name, current)
    } else {
      if (current === undefined) throw new Error(`expected TYPE before: ${line}`)
      current.samples.push(sampleOf(line, current))
    }
  }
  for (const family of families.values()) checkFamily(family)
  return [...families.values()]
}

function sampleOf(line: string, family: ParsedFamily): ParsedSample {
  const parts = new RegExp(String.raw`^(${NAME})(?:\{([^\n]*)\})? (\S+)$`).exec(line)
  const [, name = '', labelText = '', valueText = ''] = parts ?? []
  const isOwn =
    name === family.name ||
    (family.type === 'histogram' && SUFFIXES.some((suffix) => name === family.name + suffix))
  if (parts === null || !isOwn) throw new Error(`expected a sample of ${family.name}: ${line}`)
  const value = valueText === '+Inf' ? Number.POSITIVE_INFINITY : Number(valueText)
  if (Number.isNaN(value)) throw new Error(`expected a number: ${line}`)
  return { name, labels: labelsOf(labelText, line), value }
}

function labelsOf(text: string, line: string): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {}
  for (let rest = text; rest !== '';) {
    const found = LABEL.exec(rest)
    if (found === null) throw new Error(`malformed labels: ${line}`)
    const [whole, name = '', value = ''] = found
    if (name in labels) throw new Error(`label ${name} twice: ${line}`)
    labels[name] = value
    rest = rest.slice(whole.length)
  }
  return labels
}

function checkFamily({ name, type, help, samples }: ParsedFamily): void {
  if (samples.length === 0) throw new Error(`${name} has no sample`)
  if (!help.endsWith('.')) throw new Error(`${name}: expected a sentence, found ${help}`)
  if ((type === 'counter') !== name.endsWith('_total')) throw new Error(`${name} is a ${type}`)
  if (/_(ms|milliseconds|mb|kb|percent)(_|$)/.test(name)) throw new Error(`${name}: no base unit`)
  const keys = samples.map((sample) => `${sample.name} ${JSON.stringify(sample.labels)}`)
  if (new Set(keys).size !== keys.length) throw new Error(`${name} has a sample twice`)
  if (type === 'counter' && samples.some(({ value }) => value < 0)) {
    throw new Error(`${name} is below zero`)
  }
  if (type === 'histogram') checkBuckets(name, samples)
}

function checkBuckets(name: string, samples: readonly ParsedSample[]): void {
  const bySeries = Map.groupBy(samples, ({ labels }) =>
    JSON.stringify(Object.entries(labels).filter(([label]) => label !== 'le')),
  )
  for (const series of bySeries.values()) {
    const buckets = series.filter((sample) => sample.name === `${name}_bucket`)
    const values = buckets.map(({ value }) => value)
    const count = series.find((sample) => sample.name === `${name}_count`)?.value
    const isRising = values.every((value, index) => value >= (values[index - 1] ?? 0))
    if (!isRising || buckets.at(-1)?.labels['le'] !== '+Inf' || values.at(-1) !== count) {
      throw new Error(`${name}: buckets do not add up`)
    }
    if (!series.some((sample) => sample.name === `${name}_sum`)) throw new Error(`${name}: no sum`)
  }
}
